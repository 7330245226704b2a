-- RFM scores within each channel: who is a champion of the web shop, whatever they do at the till.
--
-- One row: one customer with net spend above zero in $currency through one channel; 'unknown' where the source does not
-- say. Fifths are of the customers of that channel. A return counts for the channel that took it back.
--
-- key: customer_id, channel
SELECT id AS customer_id, part AS channel, recency_days, frequency, monetary, currency,
       recency_score, frequency_score, monetary_score, rfm_score, label
FROM rfm.standings
WHERE population = 'channel'
