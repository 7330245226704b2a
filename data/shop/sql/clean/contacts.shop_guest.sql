-- Guests of the web shop: who bought without an account, as typed into the checkout.
--
-- One row: one guest order, returns left out. Nothing says that two orders come from one guest; matching finds out.
-- The nightly export may bring an order twice; what a guest typed is the same in both.
--
-- key: record_id
SELECT 'shop_guest:' || order_no AS record_id,
       'shop_guest' AS source,
       min(parse_timestamp(placed_at, 'UTC')) AS updated_at,
       min(parse_timestamp(placed_at, 'UTC')) AS created_at,
       min(normalize_name(guest_name)) AS full_name,
       min(normalize_email(guest_email)) AS email,
       min(normalize_phone(guest_phone, ship_country)) AS phone,
       min(ship_street) AS street,
       min(ship_city) AS city,
       min(normalize_postcode(ship_postcode, ship_country)) AS postcode,
       min(ship_country) AS country
FROM raw.shop_orders
WHERE customer_id IS NULL AND refund_of IS NULL
GROUP BY order_no
