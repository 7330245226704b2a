-- title: Customers whose e-mail address is dead
-- purpose: service
-- channel: phone, post
--
-- Buyers to whose best e-mail address messages come back: ask them for another one, by phone or letter or at the till.
--
-- One row: one customer who has bought and whose surviving e-mail address is dead. `reach_by`: how else to reach them.
--
-- key: customer_id
SELECT c.customer_id, a.last_bounced_at, l.last_order_at, l.orders,
       CASE WHEN c.phone IS NOT NULL AND NOT c.phone_is_stale THEN 'phone'
            WHEN c.street IS NOT NULL AND NOT c.address_is_stale THEN 'post'
            ELSE 'next visit' END AS reach_by
FROM profile.customers AS c
JOIN profile.addresses AS a ON a.address = c.email
JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
WHERE a.is_dead AND l.orders > 0
