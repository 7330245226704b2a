-- Loyalty points and tier of each customer.
--
-- One row: one customer with at least one loyalty movement before $as_of.
--
-- key: customer_id
SELECT i.customer_id,
       CAST(sum(m.points) AS BIGINT) AS points,
       CAST(coalesce(sum(m.points) FILTER (WHERE m.points > 0), 0) AS BIGINT) AS points_earned,
       CAST(coalesce(-sum(m.points) FILTER (WHERE m.points < 0), 0) AS BIGINT) AS points_spent,
       latest(m.tier, m.moved_at) AS tier,
       min(m.moved_at) AS first_moved_at,
       max(m.moved_at) AS last_moved_at
FROM clean.loyalty_movements AS m
JOIN match.identities AS i ON i.record_id = m.record_id
WHERE m.moved_at < $as_of
GROUP BY i.customer_id
