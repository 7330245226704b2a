-- Which products are bought together: who buys a product buys this other one too.
--
-- One row: one rule, a product and another that are together on at least $pair_orders_min purchases within $affinity_days before
-- $as_of, anonymous ones among them. Each pair is two rules. `support` is the share of purchases that have both, `confidence`
-- the share of those with the product that have the other one (Agrawal, Imieliński, Swami 1993), `lift` how many times as many
-- that is as if they had nothing to do with each other (Brin et al. 1997). A high confidence out of few purchases is chance:
-- `confidence_low`, the lower end of its 95 % interval (Wilson 1927), is what rules are to be compared by.
-- Purchases of more than $pair_products_max products are wholesale, and left out of all figures.
--
-- key: product_id, other_product_id
WITH counted AS (
    SELECT bought_together(order_id, product_id, $pair_orders_min, $pair_products_max) AS found
    FROM clean.order_lines
    WHERE coalesce(quantity, 1) > 0 AND coalesce(amount, 0) >= 0
      AND order_id IN (SELECT order_id FROM clean.orders
                       WHERE ordered_at < $as_of AND days_between(ordered_at, $as_of) <= $affinity_days
                         AND amount >= 0 AND status NOT IN ('returned', 'cancelled'))
), pairs AS (
    SELECT found['orders'] AS purchases, unnest(found['pairs']) AS pair
    FROM counted
), rules AS (
    SELECT CASE WHEN turned THEN pair['other_product_id'] ELSE pair['product_id'] END AS product_id,
           CASE WHEN turned THEN pair['product_id'] ELSE pair['other_product_id'] END AS other_product_id,
           pair['orders'] AS k, purchases,
           CASE WHEN turned THEN pair['other_orders'] ELSE pair['product_orders'] END AS n,
           CASE WHEN turned THEN pair['product_orders'] ELSE pair['other_orders'] END AS other_n
    FROM pairs CROSS JOIN (VALUES (false), (true)) AS both_ways(turned)
)
SELECT product_id, other_product_id, k AS orders, n AS product_orders, other_n AS other_orders, purchases,
       round(CAST(k AS DOUBLE) / purchases, 9) AS support,
       round(CAST(k AS DOUBLE) / n, 6) AS confidence,
       round((k + 1.9208 - 1.96 * sqrt(CAST(k * (n - k) AS DOUBLE) / n + 0.9604)) / (n + 3.8416), 6) AS confidence_low,
       round(CAST(k AS DOUBLE) * purchases / n / other_n, 6) AS lift
FROM rules
