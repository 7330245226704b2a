-- The names behind each identifier value that several people seem to share.
--
-- One row: one name that records give for one (kind, value) of reach `name` in match.shared_values, with what else they
-- say about its bearer. `is_known`: people do have that name (match.known_names).
--
-- key: kind, value, name
WITH shown AS (
    SELECT i.kind, i.value, coalesce(r.given_name, r.native_name) AS name,
           count(*) AS records,
           min(r.family_name) AS family_name_min, max(r.family_name) AS family_name_max,
           min(r.birth_date) AS birth_date_min, max(r.birth_date) AS birth_date_max
    FROM match.shared_values AS v
    JOIN clean.identifiers AS i ON i.kind = v.kind AND i.value = v.value
    JOIN match.records AS r ON r.record_id = i.record_id
    WHERE v.reach = 'name' AND NOT r.is_shared AND coalesce(r.given_name, r.native_name) IS NOT NULL
    GROUP BY i.kind, i.value, coalesce(r.given_name, r.native_name)
)
SELECT s.kind, s.value, s.name, k.name IS NOT NULL AS is_known, s.records,
       s.family_name_min, s.family_name_max, s.birth_date_min, s.birth_date_max,
       count(*) OVER (PARTITION BY s.kind, s.value) AS names
FROM shown AS s
LEFT JOIN match.known_names AS k ON k.name = s.name
