-- The names behind each identifier value that several people seem to share.
--
-- One row: one name that match.shared_members give for one (kind, value), with what else they say about its bearer.
-- `names`: how many names the value has, `latin_names`: how many of them in Latin letters. A value with more than
-- $shared_names_max names is a switchboard, not a household, and left out. `is_spelled_out`: the e-mail address
-- consists of the name, or of one word and the initial of the other, as kaidong.zhang@ or k_zhang1976@ do.
--
-- key: kind, value, name
WITH given AS (
    SELECT kind, value, name, bool_or(is_latin) AS is_latin, count(*) AS records, min(given_name) AS given_name,
           min(birth_date) AS birth_date_min, max(birth_date) AS birth_date_max
    FROM match.shared_members
    WHERE name IS NOT NULL
    GROUP BY kind, value, name
), taken_apart AS (
    SELECT kind, value, name, is_latin, records, given_name, birth_date_min, birth_date_max,
           regexp_replace(split_part(value, '@', 1), '[^a-z]', '', 'g') AS letters,
           split_part(name, ' ', 1) AS one, split_part(name, ' ', -1) AS two
    FROM given
)
SELECT kind, value, name, is_latin, records, given_name, birth_date_min, birth_date_max,
       kind = 'email' AND letters IN (concat(one, two), concat(two, one), concat(left(one, 1), two),
                                      concat(two, left(one, 1)), concat(left(two, 1), one), concat(one, left(two, 1)))
       AS is_spelled_out,
       count(*) OVER (PARTITION BY kind, value) AS names,
       count(CASE WHEN is_latin THEN 1 END) OVER (PARTITION BY kind, value) AS latin_names
FROM taken_apart
QUALIFY count(*) OVER (PARTITION BY kind, value) <= $shared_names_max
