-- Loyalty movements that the customer made on the timeline. Points that come with a purchase are left out: the
-- purchase is there.
--
-- One row: one loyalty movement before $as_of.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, m.moved_at AS happened_at, 'loyalty' AS kind, m.movement_id AS id,
       concat_ws(', ', m.reason, concat(CAST(m.points AS VARCHAR), ' points'), m.tier) AS title
FROM clean.loyalty_movements AS m
JOIN match.identities AS i ON i.record_id = m.record_id
WHERE m.moved_at < $as_of AND m.reason IS DISTINCT FROM 'purchase'
