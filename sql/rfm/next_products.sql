-- What each customer may buy next: the $next_products products that others buy with what this customer has bought.
--
-- One row: one customer of profile.purchases and a product that is not among these purchases, best first. Each product that the
-- customer bought within $affinity_days leads to up to ten others: those of rfm.product_pairs with the greatest
-- `confidence_low`, if it is above the share of all purchases that have the other product: what everybody buys anyway does not
-- go with anything. The strongest rule decides, and `because_product_id` says which one it is. What was bought before
-- that time may come again.
--
-- key: customer_id, place
WITH strong AS (
    SELECT product_id, other_product_id, confidence_low
    FROM rfm.product_pairs
    WHERE confidence_low > CAST(other_orders AS DOUBLE) / purchases
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY confidence_low DESC, other_product_id) <= 10
), rules AS (
    SELECT product_id, array_agg({'product_id': other_product_id, 'score': confidence_low}) AS rules
    FROM strong
    GROUP BY product_id
), counted AS (
    SELECT next_products(b.customer_id, b.product_id, r.rules, $next_products) AS found
    FROM profile.purchases AS b
    LEFT JOIN rules AS r ON r.product_id = b.product_id
), candidates AS (
    SELECT unnest(found) AS candidate
    FROM counted
)
SELECT candidate['customer_id'] AS customer_id, candidate['place'] AS place, candidate['product_id'] AS product_id,
       candidate['because_product_id'] AS because_product_id, candidate['score'] AS confidence_low
FROM candidates
