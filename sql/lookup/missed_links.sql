-- Records of one person that are different customers, by a table that knows, `truth`: those in doubt first, the likeliest
-- first; then those that nothing asked about, a pair for each person, of the two customers with most records.
--
-- One row: two records that should be linked; their probability is null where nobody asked. The first thousand.
--
-- key: left_record, right_record
WITH shown AS (
    SELECT t.person_id, i.customer_id, min(t.record_id) AS record_id, count(*) AS records
    FROM truth AS t
    JOIN match.identities AS i ON i.record_id = t.record_id
    JOIN match.comparisons AS c ON c.record_id = t.record_id
    GROUP BY t.person_id, i.customer_id
), ranked AS (
    SELECT person_id, record_id, records,
           row_number() OVER (PARTITION BY person_id ORDER BY records DESC, record_id) AS place
    FROM shown
), missed AS (
    SELECT v.left_record, v.right_record, v.probability, 0 AS records
    FROM match.reviews AS v
    JOIN truth AS l ON l.record_id = v.left_record
    JOIN truth AS r ON r.record_id = v.right_record
    JOIN match.identities AS li ON li.record_id = v.left_record
    JOIN match.identities AS ri ON ri.record_id = v.right_record
    WHERE l.person_id = r.person_id AND li.customer_id <> ri.customer_id
    UNION ALL
    SELECT one.record_id, other.record_id, NULL, other.records
    FROM ranked AS one
    JOIN ranked AS other ON other.person_id = one.person_id AND other.place = 2
    WHERE one.place = 1
      AND NOT EXISTS (SELECT 1 FROM match.reviews AS v
                      JOIN truth AS l ON l.record_id = v.left_record
                      JOIN truth AS r ON r.record_id = v.right_record
                      JOIN match.identities AS li ON li.record_id = v.left_record
                      JOIN match.identities AS ri ON ri.record_id = v.right_record
                      WHERE l.person_id = one.person_id AND r.person_id = one.person_id
                        AND li.customer_id <> ri.customer_id)
)
SELECT left_record, right_record, probability
FROM missed
ORDER BY probability DESC NULLS LAST, records DESC, left_record, right_record
LIMIT 1000
