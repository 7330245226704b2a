-- Statements that the consent register knows by an e-mail address only, such as a click on an unsubscribe link. All
-- others stand under the record of the system where they were given.
--
-- One row: one such statement.
--
-- key: record_id, kind, value
SELECT 'consents:' || statement AS record_id,
       'email' AS kind,
       normalize_email(subject) AS value,
       'consents' AS source,
       parse_timestamp(effective, 'UTC') AS seen_first_at,
       parse_timestamp(effective, 'UTC') AS seen_last_at
FROM raw.consents
WHERE subject_type = 'email' AND normalize_email(subject) IS NOT NULL
