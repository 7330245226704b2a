-- Points earned and spent.
--
-- One row: one movement on one card.
--
-- key: movement_id
SELECT 'loyalty:' || movement_no AS movement_id,
       'loyalty' AS source,
       'loyalty:' || card AS record_id,
       parse_timestamp(moved_at, 'UTC') AS moved_at,
       CAST(points AS BIGINT) AS points,
       reason,
       tier
FROM raw.loyalty_movements
