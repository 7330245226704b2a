-- Names under one shared identifier value that mean one person.
--
-- One row: one ordered pair of names of match.shared_names; each is paired with itself too. Two names go together if
-- one has all words of the other (match.shared_matches); a family name alone goes with nothing. For an e-mail address
-- or a national id they also do if the given name is the same, because family names change. Names in two scripts go
-- together under a national id, and for an e-mail address if the only name in another script meets one that the address
-- spells out: 张凯东 is Zhang Kaidong at kaidong.zhang@, but may be anybody at family.zhang@. Their records must not
-- differ in birth date by more than a slip of the pen: a father and a son may have one name. `names`: how many names
-- the value has.
--
-- key: kind, value, name, other_name
WITH together AS (
    SELECT a.kind, a.value, a.name, a.other_name
    FROM match.shared_matches AS a
    JOIN match.shared_matches AS b
      ON b.kind = a.kind AND b.value = a.value AND b.name = a.other_name AND b.other_name = a.name
    WHERE a.name = a.other_name
       OR (a.matched = a.words AND b.matched >= a.words AND (a.words > 1 OR NOT a.is_family_name))
       OR (b.matched = b.words AND a.matched >= b.words AND (b.words > 1 OR NOT b.is_family_name))
    UNION
    SELECT a.kind, a.value, a.name, b.name
    FROM match.shared_names AS a
    JOIN match.shared_names AS b ON b.kind = a.kind AND b.value = a.value
    WHERE a.kind IN ('email', 'national_id')
      AND (a.given_name = b.given_name
           OR (a.is_latin <> b.is_latin
               AND (a.kind = 'national_id'
                    OR ((a.is_spelled_out OR b.is_spelled_out) AND a.names = a.latin_names + 1))))
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
