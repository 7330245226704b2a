-- Identifier values that two or more records show, and how far each can be trusted to mean one person.
--
-- One row: one (kind, value). `reach` decides what match.identifiers makes of it:
--   person  the records behind it do not contradict each other: whoever shows the value is that person
--   name    they do, as with a family's phone or e-mail address: only records whose names agree are the same person
--   nobody  generic, such as info@ or 0000000000, or borne by too many: it says nothing about who somebody is
--
-- Records contradict each other if their names or their birth dates differ. A name in another script is in doubt for a
-- phone number, which the family shares; for an e-mail address it is not: 王小明 and Wang Xiaoming are one reader. That
-- a group has more than one value is told by its smallest and largest, which needs no list of them.
--
-- key: kind, value
WITH shown AS (
    SELECT kind, value,
           count(*) AS records,
           count(coalesce(latin_name, native_name)) AS named_records,
           coalesce(min(latin_name) <> max(latin_name), false)
           OR coalesce(min(native_name) <> max(native_name), false)
           OR coalesce(min(birth_date) <> max(birth_date), false)
           OR (kind = 'phone' AND count(latin_name) > 0 AND count(native_name) > 0) AS is_contradictory
    FROM match.evidence
    GROUP BY kind, value
    HAVING count(*) > 1
)
SELECT s.kind, s.value, s.records, s.named_records,
       CASE WHEN generic.value IS NOT NULL OR role.value IS NOT NULL THEN 'nobody'
            WHEN s.records > $generic_records_max AND (s.is_contradictory OR 2 * s.named_records < s.records)
            THEN 'nobody'
            WHEN s.is_contradictory THEN 'name'
            ELSE 'person' END AS reach
FROM shown AS s
LEFT JOIN reference.generic_values AS generic ON generic.kind = s.kind AND generic.value = s.value
LEFT JOIN reference.generic_values AS role
       ON role.kind = 'email_local_part' AND s.kind = 'email' AND role.value = split_part(s.value, '@', 1)
