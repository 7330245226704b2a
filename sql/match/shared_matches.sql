-- How many words of a name another name under the same shared identifier value has too.
--
-- One row: one name of match.shared_names and another one, or the same, with a word in common: equal, a variant (Bob,
-- Robert), or misspelt. Misspelt is what is at most two letters off (one in a short word, unless it begins and ends the
-- same) and borne by next to nobody beside the other: by at most two contacts, or one for a hundred. So Maria and Mario
-- stay two. `is_family_name`: all of the words are rather family names.
--
-- key: kind, value, name, other_name
WITH found AS (
    SELECT DISTINCT a.kind, a.value, a.name, b.name AS other_name, a.word, a.words, a.is_family_name
    FROM match.shared_words AS a
    JOIN match.shared_words AS b ON b.kind = a.kind AND b.value = a.value
    LEFT JOIN match.name_variants AS v ON v.name = a.word AND v.variant = b.word
    WHERE a.word = b.word
       OR v.name IS NOT NULL
       OR (NOT (a.is_listed AND b.is_listed) AND a.bearers <> b.bearers
           AND (least(a.bearers, b.bearers) <= 2 OR 100 * least(a.bearers, b.bearers) <= greatest(a.bearers, b.bearers))
           AND least(length(a.word), length(b.word)) > 2
           AND bit_length(a.word) = 8 * length(a.word) AND bit_length(b.word) = 8 * length(b.word)
           AND levenshtein(a.word, b.word)
               <= CASE WHEN least(length(a.word), length(b.word)) > 4
                         OR (left(a.word, 1) = left(b.word, 1) AND right(a.word, 1) = right(b.word, 1)) THEN 2
                       ELSE 1 END)
)
SELECT kind, value, name, other_name, count(*) AS matched, min(words) AS words,
       bool_and(is_family_name) AS is_family_name
FROM found
GROUP BY kind, value, name, other_name
