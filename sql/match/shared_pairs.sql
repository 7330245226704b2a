-- Names under one shared identifier value that mean one person.
--
-- One row: one ordered pair of names of match.shared_names under the same value; each name is paired with itself too.
-- Two names go together if they are equal, variants (Robert, Bob), one a word of the other (Mary, Mary Ann), the same
-- but for spaces, or one a misspelling: at most two letters off, with the same first letter, and borne by at most one
-- contact for ten who bear the other, so that Maria and Mario stay two. Their records must not differ in birth date by more than a
-- slip of the pen, nor in family name unless the birth date is the same: a father and a son may have one name. A value
-- with more than $shared_names_max names is a switchboard, not a household, and joins nobody.
--
-- key: kind, value, name, other_name
WITH pairs AS (
    SELECT a.kind, a.value, a.name, b.name AS other_name, a.names,
           least(a.birth_date_min, b.birth_date_min) AS birth_date_min,
           greatest(a.birth_date_max, b.birth_date_max) AS birth_date_max,
           least(a.family_name_min, b.family_name_min) AS family_name_min,
           greatest(a.family_name_max, b.family_name_max) AS family_name_max
    FROM match.shared_names AS a
    JOIN match.shared_names AS b ON b.kind = a.kind AND b.value = a.value
    LEFT JOIN match.name_variants AS n ON n.name = a.name AND n.variant = b.name
    WHERE a.names <= $shared_names_max
      AND (a.name = b.name
           OR n.name IS NOT NULL
           OR a.name = split_part(b.name, ' ', 1) OR a.name = split_part(b.name, ' ', -1)
           OR b.name = split_part(a.name, ' ', 1) OR b.name = split_part(a.name, ' ', -1)
           OR replace(a.name, ' ', '') = replace(b.name, ' ', '')
           OR (NOT (a.is_listed AND b.is_listed) AND 10 * least(a.contacts, b.contacts) <= greatest(a.contacts, b.contacts)
               AND left(a.name, 1) = left(b.name, 1) AND least(length(a.name), length(b.name)) > 3
               AND levenshtein(a.name, b.name) <= 2))
)
SELECT kind, value, name, other_name, names
FROM pairs
WHERE (birth_date_min IS NULL OR birth_date_min = birth_date_max
       OR (date_part('year', birth_date_min) = date_part('year', birth_date_max)
           AND (date_part('month', birth_date_min) = date_part('month', birth_date_max)
                OR date_part('day', birth_date_min) = date_part('day', birth_date_max)
                OR (date_part('month', birth_date_min) = date_part('day', birth_date_max)
                    AND date_part('day', birth_date_min) = date_part('month', birth_date_max)))))
  AND (family_name_min IS NULL OR family_name_min = family_name_max
       OR birth_date_min = birth_date_max
       OR levenshtein(family_name_min, family_name_max) <= 2)
