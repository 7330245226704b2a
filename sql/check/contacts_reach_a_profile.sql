-- Every contact record that there was before $as_of is part of exactly one golden profile.
--
-- One row: the number of these contact records is not the number that the golden records were made from. A contact
-- without a time is as old as the first thing that happened to it; without that, it has always been there.
SELECT c.contacts, g.golden_contacts
FROM (
    SELECT count(*) AS contacts
    FROM (SELECT coalesce(c.created_at, c.updated_at, s.first_seen_at) AS known_at
          FROM clean.contacts AS c
          JOIN match.first_seen AS s ON s.record_id = c.record_id) AS dated
    WHERE known_at IS NULL OR known_at < $as_of
) AS c
CROSS JOIN (SELECT count(*) AS golden_contacts FROM profile.contacts WHERE is_contact) AS g
WHERE c.contacts <> g.golden_contacts
