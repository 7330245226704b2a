-- Everybody who buys is a customer with a profile.
--
-- One row: one customer of rfm.history without a profile.
SELECT h.customer_id
FROM rfm.history AS h
WHERE NOT EXISTS (SELECT 1 FROM profile.people AS c WHERE c.customer_id = h.customer_id)
