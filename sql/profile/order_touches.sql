-- Which marketing touched a customer before each purchase.
--
-- One row: one purchase and one touch of its customer less than $attribution_days before it. `share`: what the touch
-- weighs against the others where later ones count for more, in ten thousandths of a touch at the moment of the order; half
-- as much for every $attribution_half_life_days that it is older, and never nothing.
--
-- key: order_id, touch_id
SELECT o.order_id, t.touch_id, o.customer_id, o.ordered_at, t.touched_at, t.kind, t.channel, t.campaign,
       greatest(1, CAST(round(10000 * power(CAST(0.5 AS DOUBLE),
                                            (date_part('epoch', o.ordered_at) - date_part('epoch', t.touched_at))
                                            / (86400 * $attribution_half_life_days))) AS BIGINT)) AS share,
       o.amount, o.currency
FROM profile.orders AS o
JOIN profile.touches AS t ON t.customer_id = o.customer_id AND t.touched_at <= o.ordered_at
                         AND days_between(t.touched_at, o.ordered_at) < $attribution_days
WHERE o.is_purchase
