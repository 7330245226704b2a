-- Records that only identifiers know: devices, cookies, user accounts and guests without a contact.
--
-- One row: one record_id of clean.identifiers that clean.contacts does not have. `is_person`: it shows more than a
-- device, so that a person stands behind it. `is_shared`: it shows two user ids, two e-mail addresses or two loyalty
-- cards, as the tablet in the kitchen does; such a record must not join the people who used it.
--
-- key: record_id
SELECT i.record_id, min(i.source) AS source, false AS is_contact,
       bool_or(i.kind IN ('email', 'phone', 'loyalty_id', 'national_id', 'user_id')) AS is_person,
       coalesce(min(i.value) FILTER (WHERE i.kind = 'user_id') <> max(i.value) FILTER (WHERE i.kind = 'user_id'), false)
       OR coalesce(min(i.value) FILTER (WHERE i.kind = 'email') <> max(i.value) FILTER (WHERE i.kind = 'email'), false)
       OR coalesce(min(i.value) FILTER (WHERE i.kind = 'loyalty_id')
                   <> max(i.value) FILTER (WHERE i.kind = 'loyalty_id'), false) AS is_shared,
       bool_or(i.kind <> 'phone') AS has_more_than_phone
FROM clean.identifiers AS i
WHERE NOT EXISTS (SELECT 1 FROM clean.contacts AS c WHERE c.record_id = i.record_id)
GROUP BY i.record_id
