-- RFM scores: how recently, how often and for how much each customer bought, in fifths of all who did.
--
-- One row: one customer with net spend above zero in $currency before $as_of. Recency and frequency count purchases in
-- any currency, because who paid in another one last week has not lapsed; money in another currency is not added to the
-- spend (rfm.history has it). Scores run from 1 to 5, 5 being best; equal values get equal scores. Where one score ends
-- and the next begins: rfm.thresholds, which also says how to freeze it. Labels: rfm.labels, and further sets in
-- rfm.groups.
--
-- key: customer_id
SELECT id AS customer_id, recency_days, frequency, monetary, currency,
       recency_score, frequency_score, monetary_score, rfm_score, label
FROM rfm.standings
WHERE population = 'now'
