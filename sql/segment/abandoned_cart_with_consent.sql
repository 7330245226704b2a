-- title: Abandoned carts we may write about
-- purpose: marketing
-- channel: email, sms
--
-- Those who left something in the cart within the last $cart_days, have agreed to e-mail or SMS, have an address for it
-- that works, and no complaint open: remind them, while they remember.
--
-- One row: one customer, with the dearest product in the cart; `products` counts them all.
--
-- key: customer_id
SELECT a.customer_id, a.product_id, a.name, a.list_price, a.currency, a.carted_at, a.products,
       CASE WHEN c.email_consent AND NOT c.email_is_stale THEN 'email' ELSE 'sms' END AS channel
FROM (SELECT *, count(*) OVER (PARTITION BY customer_id) AS products,
             row_number() OVER (PARTITION BY customer_id
                                ORDER BY list_price DESC NULLS LAST, carted_at DESC, product_id) AS place
      FROM profile.abandoned_carts
      WHERE days_ago < $cart_days) AS a
JOIN profile.customers AS c ON c.customer_id = a.customer_id
LEFT JOIN profile.service AS s ON s.customer_id = a.customer_id
WHERE a.place = 1
  AND ((c.email_consent AND NOT c.email_is_stale) OR (c.sms_consent AND NOT c.phone_is_stale))
  AND coalesce(s.open_complaints, 0) = 0
