-- Records that something happened to, but that nothing describes: an order whose customer was deleted from the CRM.
-- Each becomes a customer of its own, so that no order, consent or complaint is lost.
--
-- One row: one record_id of the tables below that neither clean.contacts nor clean.identifiers has. Web events are left
-- out on purpose: a cookie that nobody identified is not a customer.
--
-- key: record_id
SELECT DISTINCT happened.record_id, split_part(happened.record_id, ':', 1) AS source,
       false AS is_contact, true AS is_person, false AS is_shared, false AS has_more_than_phone
FROM (
    SELECT record_id FROM clean.orders WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id FROM clean.messages WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id FROM clean.consents WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id FROM clean.tickets WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id FROM clean.loyalty_movements WHERE record_id IS NOT NULL
) AS happened
WHERE NOT EXISTS (SELECT 1 FROM clean.contacts AS c WHERE c.record_id = happened.record_id)
  AND NOT EXISTS (SELECT 1 FROM clean.identifiers AS i WHERE i.record_id = happened.record_id)
