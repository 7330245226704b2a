-- What people agreed to and took back.
--
-- One row: one statement. The register names the record of the system where it was given.
--
-- key: consent_id
SELECT 'consents:' || statement AS consent_id,
       'consents' AS source,
       CASE subject_type
            WHEN 'shop_customer' THEN 'shop:' || subject
            WHEN 'crm_contact' THEN 'crm:' || subject
            WHEN 'loyalty_card' THEN 'loyalty:' || subject
            ELSE 'consents:' || statement END AS record_id,
       purpose,
       channel,
       parse_boolean(answer) AS granted,
       parse_timestamp(effective, 'UTC') AS effective_at,
       given_where,
       notice AS notice_version,
       proof
FROM raw.consents
