-- Identifiers that mean one person: records with the same kind and value are the same customer.
--
-- One row: one record shows one value that other records show too and that nothing speaks against. A record without a
-- name that has more than a phone number is not joined by the phone: it could be anybody in the house.
--
-- key: record_id, kind, value
SELECT i.record_id, i.kind, i.value, i.verified
FROM clean.identifiers AS i
JOIN match.shared_values AS v ON v.kind = i.kind AND v.value = i.value
JOIN match.records AS r ON r.record_id = i.record_id
WHERE v.reach = 'person' AND NOT r.is_shared
  AND NOT (i.kind = 'phone' AND r.has_more_than_phone AND r.given_name IS NULL AND r.native_name IS NULL)
