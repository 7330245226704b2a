-- What each record shows that could tell who it is: its identifiers, beside the name and birth date it gives.
--
-- One row: one row of clean.identifiers, but for those of devices that several people share. `may_join_alone`: false
-- for the phone number of a record without a name that has other identifiers; it could be anybody in the house.
--
-- key: record_id, kind, value
SELECT i.record_id, i.kind, i.value, i.verified, r.latin_name, r.native_name, r.given_name, r.birth_date,
       i.kind <> 'phone' OR NOT r.has_more_than_phone OR coalesce(r.latin_name, r.native_name) IS NOT NULL
       AS may_join_alone
FROM clean.identifiers AS i
JOIN match.records AS r ON r.record_id = i.record_id
WHERE NOT r.is_shared
