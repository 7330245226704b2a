-- The people that the CRM knows, as sales staff typed them.
--
-- One row: one customer number of the CRM. An export that ran twice brings a number twice: the row changed last counts.
-- A date of birth is mandatory there, and 1 January 1900 is what staff enter when they do not know it. National ids are
-- written in groups or not.
--
-- key: record_id
SELECT 'crm:' || "Customer No" AS record_id,
       'crm' AS source,
       parse_timestamp("Changed On", 'Europe/London', '%d.%m.%Y') AS updated_at,
       parse_timestamp("Created On", 'Europe/London', '%d.%m.%Y') AS created_at,
       normalize_name("First Name") AS given_name,
       normalize_name("Last Name") AS family_name,
       nullif(parse_date("Date of Birth", '%d.%m.%Y'), DATE '1900-01-01') AS birth_date,
       CASE "Sex" WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' END AS sex,
       normalize_email("E-mail") AS email,
       normalize_phone("Telephone", "Country") AS phone,
       "Street" AS street,
       "City" AS city,
       "County" AS region,
       normalize_postcode("Postcode", "Country") AS postcode,
       "Country" AS country,
       "Company" AS company,
       "Job Title" AS job_title,
       'crm:' || "Account No" AS account_id,
       "Loyalty Card" AS loyalty_id,
       replace("National ID", ' ', '') AS national_id,
       "Language" AS language
FROM raw.crm_contacts
QUALIFY row_number() OVER (
    PARTITION BY "Customer No"
    ORDER BY parse_date("Changed On", '%d.%m.%Y') DESC NULLS LAST, _file DESC, _line DESC
) = 1
