-- title: Up-sell
-- purpose: marketing
--
-- Customers to whom a dearer product can be offered, of the same category as one that they have bought, because others who buy
-- that one take the dearer one too.
--
-- One row: one customer and the best such product, whose list price is at least a tenth above that of `because` and at most
-- three times that: nobody trades a mug up for a dinner service.
--
-- key: customer_id
SELECT n.customer_id, n.product_id, p.name AS product, p.category, p.unit_price, h.name AS because,
       h.unit_price AS because_unit_price, p.currency, n.confidence_low
FROM rfm.next_products AS n
JOIN clean.products AS p ON p.product_id = n.product_id
JOIN clean.products AS h ON h.product_id = n.because_product_id AND h.category = p.category AND h.currency = p.currency
WHERE p.unit_price * 10 >= h.unit_price * 11 AND p.unit_price <= h.unit_price * 3
QUALIFY row_number() OVER (PARTITION BY n.customer_id ORDER BY n.place) = 1
