-- The identifiers that two records both show, and what each is worth.
--
-- `reach`: see match.shared_values; `joins`: match.identifiers holds it for both, alone or together with a name.
--
-- key: kind, value
WITH joining AS (
    SELECT split_part(i.kind, '+', 1) AS kind
    FROM match.identifiers AS i
    JOIN match.identifiers AS j ON j.kind = i.kind AND j.value = i.value
    WHERE i.record_id = $left AND j.record_id = $right
)
SELECT l.kind, l.value, v.reach, v.records, bool_or(j.kind IS NOT NULL) AS joins
FROM match.evidence AS l
JOIN match.evidence AS r ON r.kind = l.kind AND r.value = l.value
LEFT JOIN match.shared_values AS v ON v.kind = l.kind AND v.value = l.value
LEFT JOIN joining AS j ON j.kind = l.kind
WHERE l.record_id = $left AND r.record_id = $right
GROUP BY l.kind, l.value, v.reach, v.records
ORDER BY l.kind, l.value
