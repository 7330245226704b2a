-- title: Cross-sell
-- purpose: marketing
--
-- Customers with a product to offer from a category that they have not bought in within $affinity_days, because others buy it
-- with something they have.
--
-- One row: one customer and the best such product; `because` is what they have.
--
-- key: customer_id
WITH categories AS (
    SELECT DISTINCT b.customer_id, p.category
    FROM profile.purchases AS b
    JOIN clean.products AS p ON p.product_id = b.product_id
)
SELECT n.customer_id, n.product_id, p.name AS product, p.category, h.name AS because, n.confidence_low
FROM rfm.next_products AS n
JOIN clean.products AS p ON p.product_id = n.product_id
LEFT JOIN clean.products AS h ON h.product_id = n.because_product_id
LEFT JOIN categories AS c ON c.customer_id = n.customer_id AND c.category = p.category
WHERE p.category IS NOT NULL AND c.customer_id IS NULL
QUALIFY row_number() OVER (PARTITION BY n.customer_id ORDER BY n.place) = 1
