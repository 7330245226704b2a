-- Orders of the source `shop_orders`, mapped to clean.orders: one row per order; a return is a row with a negative amount.
--
-- Rename the file to orders.shop.sql, one file a source. Uncomment once `shop_orders` is a source in onefold.toml:
--
-- SELECT
--     'shop:' || order_no                             AS order_id,
--     'shop'                                          AS source,
--     'crm:' || customer_no                           AS record_id,
--     parse_timestamp(ordered_at, 'Europe/Berlin')    AS ordered_at,
--     'web'                                           AS channel,
--     CASE WHEN parse_decimal(total, '.') < 0
--          THEN 'returned' ELSE 'completed' END       AS status,
--     parse_decimal(total, '.')                       AS amount,
--     'EUR'                                           AS currency
-- FROM raw.shop_orders
--
-- key: order_id
SELECT CAST(NULL AS VARCHAR) AS order_id, CAST(NULL AS VARCHAR) AS source, CAST(NULL AS TIMESTAMP) AS ordered_at,
       CAST(NULL AS VARCHAR) AS status, CAST(NULL AS DECIMAL(18,2)) AS amount, CAST(NULL AS VARCHAR) AS currency
WHERE 1 = 0
