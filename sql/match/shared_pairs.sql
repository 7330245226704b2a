-- Names under one shared identifier value that mean one person.
--
-- One row: one ordered pair of names of match.shared_names; each is paired with itself too. Two names go together if one
-- contains the other (match.shared_matches). For an e-mail address they also do if the given name is the same, because
-- family names change, and if they are the only ones in Latin letters and in another script. Their records must not
-- differ in birth date by more than a slip of the pen: a father and a son may have one name. `names`: how many names
-- the value has.
--
-- key: kind, value, name, other_name
WITH together AS (
    SELECT kind, value, name, other_name FROM match.shared_matches
    UNION
    SELECT kind, value, other_name, name FROM match.shared_matches
    UNION
    SELECT a.kind, a.value, a.name, b.name
    FROM match.shared_names AS a
    JOIN match.shared_names AS b ON b.kind = a.kind AND b.value = a.value
    WHERE a.kind = 'email'
      AND (a.given_name = b.given_name OR (a.is_latin <> b.is_latin AND a.names = 2))
), dated AS (
    SELECT t.kind, t.value, t.name, t.other_name, a.names,
           least(a.birth_date_min, b.birth_date_min) AS earliest, greatest(a.birth_date_max, b.birth_date_max) AS latest
    FROM together AS t
    JOIN match.shared_names AS a ON a.kind = t.kind AND a.value = t.value AND a.name = t.name
    JOIN match.shared_names AS b ON b.kind = t.kind AND b.value = t.value AND b.name = t.other_name
)
SELECT kind, value, name, other_name, names
FROM dated
WHERE earliest IS NULL OR earliest = latest
   OR (date_part('year', earliest) = date_part('year', latest)
       AND (date_part('month', earliest) = date_part('month', latest)
            OR date_part('day', earliest) = date_part('day', latest)
            OR (date_part('month', earliest) = date_part('day', latest)
                AND date_part('day', earliest) = date_part('month', latest))))
