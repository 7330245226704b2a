-- What two records are compared in.
--
-- key: record_id
SELECT * FROM match.comparisons
WHERE record_id = $left OR record_id = $right
ORDER BY record_id
