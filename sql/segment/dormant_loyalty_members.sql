-- title: Dormant loyalty members with points to spend
-- purpose: marketing
--
-- Members of the loyalty programme who have points left and have not bought for $lapsed_days: their points are the
-- reason to write.
--
-- One row: one customer with a positive balance.
--
-- key: customer_id
SELECT m.customer_id, m.points, m.tier, m.last_moved_at, l.recency_days
FROM profile.loyalty AS m
JOIN rfm.lifecycle AS l ON l.customer_id = m.customer_id
WHERE m.points > 0 AND (l.recency_days IS NULL OR l.recency_days > $lapsed_days)
