-- RFM scores within each currency, for a shop that sells in several and wants no reporting currency.
--
-- One row: one customer with net spend above zero in one currency. Recency, frequency and spend are of purchases in that
-- currency alone, and fifths are of the customers who pay in it.
--
-- key: customer_id, currency
SELECT id AS customer_id, currency, recency_days, frequency, monetary,
       recency_score, frequency_score, monetary_score, rfm_score, label
FROM rfm.standings
WHERE population = 'currency'
