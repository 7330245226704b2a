-- Loyalty points and tier of each customer, and whether the card is in use.
--
-- One row: one customer with at least one loyalty movement before $as_of. Points that expired are spent as well as
-- points that were redeemed; they are shown apart where the source gives the reason.
--
-- key: customer_id
SELECT i.customer_id,
       CAST(sum(m.points) AS BIGINT) AS points,
       CAST(coalesce(sum(m.points) FILTER (WHERE m.points > 0), 0) AS BIGINT) AS points_earned,
       CAST(coalesce(-sum(m.points) FILTER (WHERE m.points < 0), 0) AS BIGINT) AS points_spent,
       CAST(coalesce(-sum(m.points) FILTER (WHERE m.points < 0 AND m.reason IN ('expiry', 'expired')), 0) AS BIGINT)
           AS points_expired,
       latest(m.tier, m.moved_at) AS tier,
       min(m.moved_at) AS first_moved_at,
       max(m.moved_at) AS last_moved_at,
       max(m.moved_at) FILTER (WHERE m.points > 0) AS last_earned_at,
       max(m.moved_at) FILTER (WHERE m.points < 0 AND coalesce(m.reason NOT IN ('expiry', 'expired'), true))
           AS last_spent_at,
       days_between(max(m.moved_at), $as_of) <= $active_card_days AS is_active
FROM clean.loyalty_movements AS m
JOIN match.identities AS i ON i.record_id = m.record_id
WHERE m.moved_at < $as_of
GROUP BY i.customer_id
