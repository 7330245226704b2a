-- The companies that the CRM knows.
--
-- One row: one company of the CRM. The domain is the host of its web site, without `www.`.
--
-- key: account_id
SELECT 'crm:' || "Account No" AS account_id,
       'crm' AS source,
       parse_timestamp("Changed On", 'Europe/London', '%d.%m.%Y') AS updated_at,
       "Name" AS name,
       lower(regexp_replace("Website", '^https?://(www[.])?([^/]+).*$', '\2')) AS domain,
       "Industry" AS industry,
       "Employees" AS size,
       "Owner" AS owner,
       parse_date("Renewal Date", '%Y-%m-%d') AS renews_on
FROM raw.crm_accounts
