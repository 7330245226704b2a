-- The names behind each identifier value that several people seem to share.
--
-- One row: one name that match.shared_members give for one (kind, value), with what else they say about its bearer.
-- `names`: how many names the value has. A value with more than $shared_names_max names is a switchboard, not a
-- household, and left out.
--
-- key: kind, value, name
WITH given AS (
    SELECT kind, value, name, bool_or(is_latin) AS is_latin, count(*) AS records, min(given_name) AS given_name,
           min(birth_date) AS birth_date_min, max(birth_date) AS birth_date_max
    FROM match.shared_members
    WHERE name IS NOT NULL
    GROUP BY kind, value, name
)
SELECT kind, value, name, is_latin, records, given_name, birth_date_min, birth_date_max,
       count(*) OVER (PARTITION BY kind, value) AS names
FROM given
QUALIFY count(*) OVER (PARTITION BY kind, value) <= $shared_names_max
