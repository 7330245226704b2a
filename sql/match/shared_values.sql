-- Identifier values that two or more records show, and how far each can be trusted to mean one person.
--
-- One row: one (kind, value). `reach` decides what match.identifiers makes of it:
--   person  the records behind it do not contradict each other: whoever shows the value is that person
--   name    they do, as with a family's phone or e-mail address: only records with the same name are the same person
--   nobody  generic, such as info@ or 0000000000, or borne by too many: it says nothing about who somebody is
--
-- Records contradict each other if their given names or their birth dates differ. A phone number moves on to other
-- people, so there family names must not differ either unless the birth date is the same, and a name in another script
-- is in doubt. For an e-mail address it is not: 王小明 and Wang Xiaoming are one reader. That a group has more than one
-- value is told by its smallest and largest, which needs no list of them.
--
-- key: kind, value
WITH shown AS (
    SELECT kind, value,
           count(*) AS records,
           count(name) AS named_records,
           min(given_name) <> max(given_name) AS given_names_differ,
           min(native_name) <> max(native_name) AS native_names_differ,
           min(family_name) <> max(family_name) AS family_names_differ,
           min(birth_date) <> max(birth_date) AS birth_dates_differ,
           count(birth_date) AS dated_records,
           count(given_name) > 0 AND count(native_name) > 0 AS scripts_differ
    FROM match.evidence
    GROUP BY kind, value
    HAVING count(*) > 1
), judged AS (
    SELECT s.kind, s.value, s.records, s.named_records,
           generic.value IS NOT NULL OR role.value IS NOT NULL AS is_generic,
           coalesce(s.given_names_differ, false) OR coalesce(s.native_names_differ, false)
           OR coalesce(s.birth_dates_differ, false)
           OR (s.kind = 'phone' AND s.scripts_differ)
           OR (s.kind = 'phone' AND coalesce(s.family_names_differ, false) AND s.dated_records < s.records)
           AS is_contradictory
    FROM shown AS s
    LEFT JOIN reference.generic_values AS generic ON generic.kind = s.kind AND generic.value = s.value
    LEFT JOIN reference.generic_values AS role
           ON role.kind = 'email_local_part' AND s.kind = 'email' AND role.value = split_part(s.value, '@', 1)
)
SELECT kind, value, records, named_records,
       CASE WHEN is_generic THEN 'nobody'
            WHEN records > $generic_records_max AND (is_contradictory OR 2 * named_records < records) THEN 'nobody'
            WHEN is_contradictory THEN 'name'
            ELSE 'person' END AS reach
FROM judged
