-- Baskets of FoodMart. The file has lines only: what one customer bought in one store on one day is one order.
--
-- One row: one customer, store and day.
--
-- key: order_id
SELECT concat('foodmart:', s.customer_id, '-', s.store_id, '-', s.time_id) AS order_id,
       'foodmart' AS source,
       concat('foodmart:', s.customer_id) AS record_id,
       parse_timestamp(min(d.the_date), 'UTC', '%Y-%m-%d %H:%M:%S%.f') AS ordered_at,
       'store' AS channel,
       min(t.store_name) AS store,
       'completed' AS status,
       round(sum(parse_decimal(s.store_sales, '.')), 2) AS amount,
       'USD' AS currency
FROM raw.sales AS s
JOIN raw.days AS d ON d.time_id = s.time_id
JOIN raw.stores AS t ON t.store_id = s.store_id
GROUP BY s.customer_id, s.store_id, s.time_id
