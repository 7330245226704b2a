-- The records behind each identifier value that several people seem to share.
--
-- One row: one row of match.evidence whose value has the reach `name` in match.shared_values.
--
-- key: record_id, kind, value
SELECT e.record_id, e.kind, e.value, e.verified,
       coalesce(e.latin_name, e.native_name) AS name, e.latin_name IS NOT NULL AS is_latin,
       e.given_name, e.birth_date, e.may_join_alone
FROM match.evidence AS e
JOIN match.shared_values AS v ON v.kind = e.kind AND v.value = e.value
WHERE v.reach = 'name'
