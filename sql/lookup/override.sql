-- What a person decided about two records.
--
-- key: left_record, right_record
SELECT left_record, right_record, decision, note, decided_at
FROM match.overrides
WHERE left_record = least($left, $right) AND right_record = greatest($left, $right)
