-- Identifiers that several people share, each together with a name: the family's phone number joins Anna's records with
-- Anna's, and never with her brother's.
--
-- One row: one record shows one shared value under its own name, and once more for each other name that goes with it.
-- The kind says so (`phone+name`), the value holds both: `+40721000111 anna pop`, `+40721000111 ana pop = anna pop`.
--
-- key: record_id, kind, value
SELECT m.record_id, concat(m.kind, '+name') AS kind,
       CASE WHEN p.name = p.other_name THEN concat(m.value, ' ', p.name)
            ELSE concat(m.value, ' ', least(p.name, p.other_name), ' = ', greatest(p.name, p.other_name)) END AS value,
       m.verified
FROM match.shared_members AS m
JOIN match.shared_pairs AS p ON p.kind = m.kind AND p.value = m.value AND p.name = m.name
