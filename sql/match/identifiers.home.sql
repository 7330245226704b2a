-- The same name at the same home, as if it were an identifier: it joins the records of people who gave neither their
-- e-mail address nor their phone number, or another one each time.
--
-- One row: one contact record with a name, a postcode and a house number.
--
-- key: record_id, kind, value
SELECT record_id, 'name+home' AS kind, name_at_home AS value, false AS verified
FROM match.records
WHERE name_at_home IS NOT NULL
