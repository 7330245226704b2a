-- Where every order went, in each currency: to a customer, to nobody, or past $as_of. For the reports of `onefold
-- refresh`, `demo` and `status`.
--
-- One row: one currency of clean.orders. The three add up to all orders. An anonymous order has no record behind it: a
-- sale at a till without a card, say. Cancelled orders count, but for no money.
--
-- key: currency
SELECT currency,
       count(*) AS orders,
       count(*) FILTER (WHERE fate = 'customer') AS customer_orders,
       count(*) FILTER (WHERE fate = 'anonymous') AS anonymous_orders,
       count(*) FILTER (WHERE fate = 'later') AS later_orders,
       sum(amount) AS amount,
       coalesce(sum(amount) FILTER (WHERE fate = 'customer'), 0) AS customer_amount,
       coalesce(sum(amount) FILTER (WHERE fate = 'anonymous'), 0) AS anonymous_amount,
       coalesce(sum(amount) FILTER (WHERE fate = 'later'), 0) AS later_amount
FROM (
    SELECT currency,
           CASE WHEN ordered_at >= $as_of THEN 'later' WHEN record_id IS NULL THEN 'anonymous' ELSE 'customer' END
               AS fate,
           CASE WHEN status = 'cancelled' THEN 0 ELSE amount END AS amount
    FROM clean.orders
) AS placed
GROUP BY currency
ORDER BY currency
