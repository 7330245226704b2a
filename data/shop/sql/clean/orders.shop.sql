-- Orders and returns of the web shop.
--
-- One row: one order, or one return, which names its order. The nightly export may bring an order twice, first open, then
-- with what became of it: the later state counts. Times carry the buyer's own offset from UTC.
--
-- key: order_id
WITH told AS (
    SELECT order_no, customer_id, refund_of, status, currency,
           parse_timestamp(placed_at, 'UTC') AS ordered_at,
           parse_timestamp(updated_at, 'UTC') AS updated_at,
           parse_decimal(amount, '.') AS amount,
           parse_decimal(discount, '.') AS discount
    FROM raw.shop_orders
), merged AS (
    SELECT order_no,
           max(customer_id) AS customer_id,
           max(refund_of) AS refund_of,
           min(ordered_at) AS ordered_at,
           max(updated_at) AS updated_at,
           latest(status, updated_at) AS status,
           latest(amount, updated_at) AS amount,
           latest(discount, updated_at) AS discount,
           max(currency) AS currency
    FROM told
    GROUP BY order_no
)
SELECT 'shop:' || order_no AS order_id,
       'shop' AS source,
       CASE WHEN customer_id IS NOT NULL THEN 'shop:' || customer_id
            ELSE 'shop_guest:' || coalesce(refund_of, order_no) END AS record_id,
       ordered_at,
       updated_at,
       'web' AS channel,
       'web shop' AS store,
       status,
       'shop:' || refund_of AS returns_order_id,
       amount,
       discount,
       currency
FROM merged
