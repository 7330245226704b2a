-- Records that something happened to, but that nothing describes: an order whose customer was deleted from the CRM.
-- Each becomes a customer of its own, so that no order, consent or complaint is lost.
--
-- One row: one record_id of match.first_seen that neither clean.contacts nor clean.identifiers has.
--
-- key: record_id
SELECT seen.record_id, split_part(seen.record_id, ':', 1) AS source,
       false AS is_contact, true AS is_person, false AS is_shared, false AS has_more_than_phone
FROM match.first_seen AS seen
WHERE NOT EXISTS (SELECT 1 FROM clean.contacts AS c WHERE c.record_id = seen.record_id)
  AND NOT EXISTS (SELECT 1 FROM clean.identifiers AS i WHERE i.record_id = seen.record_id)
