-- Given names that one person may go by: a name with its nickname (Robert, Bob) and two nicknames of one name (Bob,
-- Rob).
--
-- One row: one ordered pair of different names, both folded. The pairs are not chained: Alex goes with Alexander and
-- with Alexandra, but Alexander does not go with Alexandra.
--
-- key: name, variant
WITH forms AS (
    SELECT fold_name(name) AS formal, fold_name(nickname) AS form FROM reference.nicknames
    UNION
    SELECT fold_name(name), fold_name(name) FROM reference.nicknames
)
SELECT DISTINCT one.form AS name, other.form AS variant
FROM forms AS one JOIN forms AS other ON one.formal = other.formal
WHERE one.form <> other.form
