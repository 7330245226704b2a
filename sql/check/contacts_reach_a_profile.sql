-- Every contact record is part of exactly one golden profile.
--
-- One row: the number of contact records is not the number that the golden records were made from.
SELECT c.contacts, g.golden_contacts
FROM (SELECT count(*) AS contacts FROM match.records WHERE is_contact) AS c
CROSS JOIN (SELECT count(*) AS golden_contacts FROM profile.contacts WHERE is_contact) AS g
WHERE c.contacts <> g.golden_contacts
