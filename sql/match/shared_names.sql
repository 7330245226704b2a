-- The names behind each identifier value that several people seem to share.
--
-- One row: one name that match.shared_members give for one (kind, value), with what else they say about its bearer.
-- `contacts`: how many contacts bear it (match.names). `names`: how many names the value has.
--
-- key: kind, value, name
WITH given AS (
    SELECT kind, value, name, count(*) AS records,
           min(family_name) AS family_name_min, max(family_name) AS family_name_max,
           min(birth_date) AS birth_date_min, max(birth_date) AS birth_date_max
    FROM match.shared_members
    WHERE name IS NOT NULL
    GROUP BY kind, value, name
)
SELECT g.kind, g.value, g.name, coalesce(n.as_given, 0) AS contacts, coalesce(n.is_listed, false) AS is_listed, g.records,
       g.family_name_min, g.family_name_max, g.birth_date_min, g.birth_date_max,
       count(*) OVER (PARTITION BY g.kind, g.value) AS names
FROM given AS g
LEFT JOIN match.names AS n ON n.name = g.name
