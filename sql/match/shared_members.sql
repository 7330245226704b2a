-- The records behind each identifier value that several people seem to share.
--
-- One row: one row of match.evidence whose value has the reach `name` in match.shared_values. The words of the name are
-- sorted, so that Trần Thanh Liên and Thanh Lien Tran are one name.
--
-- key: record_id, kind, value
SELECT e.record_id, e.kind, e.value, e.verified,
       array_to_string(array_sort(string_to_array(e.name, ' ')), ' ') AS name,
       e.given_name, e.birth_date, e.may_join_alone
FROM match.evidence AS e
JOIN match.shared_values AS v ON v.kind = e.kind AND v.value = e.value
WHERE v.reach = 'name'
