-- The record that is meant: by its id, or by its key alone.
--
-- key: record_id
WITH named AS (
    SELECT record_id, customer_id, record_id = $needle AS is_exact
    FROM match.identities
    WHERE record_id = $needle OR substr(record_id, strpos(record_id, ':') + 1) = $needle
)
SELECT record_id, customer_id
FROM named
WHERE is_exact OR NOT EXISTS (SELECT 1 FROM named AS other WHERE other.is_exact)
ORDER BY record_id
