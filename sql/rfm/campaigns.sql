-- What each channel and campaign brought in, by the five models of rfm.attributions.
--
-- One row: one channel and campaign in one currency; what has no campaign, as visits have none, has the campaign ''. Orders
-- are in parts, because several touches share one. `touches`: how many touches have a part in an order. In each model the
-- orders and the amounts of all rows of a currency add up exactly to the orders that were touched at all.
--
-- key: channel, campaign, currency
SELECT channel, coalesce(campaign, '') AS campaign, currency, count(*) AS touches,
       CAST(sum(first_weight) AS DECIMAL(18,6)) AS first_orders, CAST(sum(first_amount) AS DECIMAL(18,2)) AS first_amount,
       CAST(sum(last_weight) AS DECIMAL(18,6)) AS last_orders, CAST(sum(last_amount) AS DECIMAL(18,2)) AS last_amount,
       CAST(sum(linear_weight) AS DECIMAL(18,6)) AS linear_orders,
       CAST(sum(linear_amount) AS DECIMAL(18,2)) AS linear_amount,
       CAST(sum(position_weight) AS DECIMAL(18,6)) AS position_orders,
       CAST(sum(position_amount) AS DECIMAL(18,2)) AS position_amount,
       CAST(sum(decay_weight) AS DECIMAL(18,6)) AS decay_orders, CAST(sum(decay_amount) AS DECIMAL(18,2)) AS decay_amount
FROM rfm.attributions
GROUP BY channel, coalesce(campaign, ''), currency
