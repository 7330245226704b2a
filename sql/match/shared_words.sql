-- The words of the names behind each shared identifier value.
--
-- One row: one word of one name of match.shared_names; initials are left out. `bearers`: how many contacts have the
-- word in their name (match.names). `is_listed`: the nickname table has it. `words`: how many words the name has.
--
-- key: kind, value, name, word
WITH split AS (
    SELECT DISTINCT kind, value, name, unnest(string_to_array(name, ' ')) AS word
    FROM match.shared_names
)
SELECT s.kind, s.value, s.name, s.word,
       coalesce(n.bearers, 0) AS bearers,
       coalesce(n.is_listed, false) AS is_listed,
       coalesce(n.as_given < n.as_family, false) AS is_family_name,
       count(*) OVER (PARTITION BY s.kind, s.value, s.name) AS words
FROM split AS s
LEFT JOIN match.names AS n ON n.word = s.word
WHERE length(s.word) > 1 OR bit_length(s.word) > 8
