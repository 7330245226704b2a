-- The names behind each identifier value that several people seem to share.
--
-- One row: one name that match.shared_members give for one (kind, value), with what else they say about its bearer.
-- A value with more than $shared_names_max names is a switchboard, not a household, and left out.
--
-- key: kind, value, name
SELECT kind, value, name, count(*) AS records, min(given_name) AS given_name,
       min(birth_date) AS birth_date_min, max(birth_date) AS birth_date_max,
       count(*) OVER (PARTITION BY kind, value) AS names
FROM match.shared_members
WHERE name IS NOT NULL
GROUP BY kind, value, name
QUALIFY count(*) OVER (PARTITION BY kind, value) <= $shared_names_max
