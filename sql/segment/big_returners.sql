-- title: Customers who send much back
-- purpose: service
--
-- Those who return at least a third of what they buy, and have returned at least twice: wrong sizes, wrong promises, or
-- abuse. Look before the next free delivery.
--
-- One row: one customer, by the purchases and returns in one currency: the one with most returns, if it holds for
-- several.
--
-- key: customer_id
SELECT customer_id, gross_amount, returned_amount, currency, returns, frequency,
       CAST(returned_amount AS DOUBLE) / CAST(gross_amount AS DOUBLE) AS returned_share
FROM rfm.history
WHERE returns >= 2 AND gross_amount > 0 AND 3 * returned_amount >= gross_amount
QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY returns DESC, currency) = 1
