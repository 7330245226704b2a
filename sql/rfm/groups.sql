-- The group of each customer in the three sets of labels, prospects included.
--
-- One row: one customer with scores (rfm.scores), or one prospect, who has never bought. Who bought but has no net spend
-- in $currency is neither. `shopify_group` is worth having beside an export from Shopify, `popular_label` beside a tool
-- that uses the popular grid; see rfm.label_sets.
--
-- key: customer_id
SELECT s.customer_id, s.rfm_score, l.label, l.shopify_group, l.popular_label
FROM rfm.scores AS s
JOIN rfm.label_sets AS l
    ON l.recency_score = s.recency_score AND l.frequency_score = s.frequency_score
    AND l.monetary_score = s.monetary_score
UNION ALL
SELECT customer_id, NULL, 'prospect', 'PROSPECTS', 'prospect'
FROM rfm.lifecycle
WHERE lifecycle = 'prospect'
