-- RFM scores of companies: how recently, how often and for how much their contacts bought together.
--
-- One row: one account with net spend above zero in $currency. Fifths are of the accounts; with fewer than ten or so,
-- look at the figures rather than at the scores.
--
-- key: account_id
SELECT id AS account_id, recency_days, frequency, monetary, currency,
       recency_score, frequency_score, monetary_score, rfm_score, label
FROM rfm.standings
WHERE population = 'account'
