-- Links between records of different people, by a table that knows, `truth`: those by likeness first, the surest first.
--
-- One row: a link that should not be. The first thousand.
--
-- key: left_record, right_record
SELECT e.left_record, e.right_record, e.kind, e.weight
FROM match.edges AS e
JOIN truth AS l ON l.record_id = e.left_record
JOIN truth AS r ON r.record_id = e.right_record
WHERE l.person_id <> r.person_id
ORDER BY CASE WHEN e.kind = 'score' THEN 0 ELSE 1 END, e.weight DESC, e.left_record, e.right_record
LIMIT 1000
