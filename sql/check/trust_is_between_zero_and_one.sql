-- The rules of survivorship make sense: trust from 0 to 1, and each attribute has a rule for any source.
--
-- One row: one attribute with a rule out of bounds, or without one for '*'.
SELECT attribute, min(trust) AS lowest, max(trust) AS highest
FROM profile.trust
GROUP BY attribute
HAVING min(trust) < 0 OR max(trust) > 1 OR count(*) FILTER (WHERE source = '*' AND NOT verified) <> 1
