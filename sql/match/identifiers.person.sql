-- Identifiers that mean one person: records with the same kind and value are the same customer.
--
-- One row: one record shows one value that other records show too and that nothing speaks against.
--
-- key: record_id, kind, value
SELECT e.record_id, e.kind, e.value, e.verified
FROM match.evidence AS e
JOIN match.shared_values AS v ON v.kind = e.kind AND v.value = e.value
WHERE v.reach = 'person' AND e.may_join_alone
