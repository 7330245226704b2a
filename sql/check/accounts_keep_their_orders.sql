-- What the contacts of an account bought is what the account bought.
--
-- One row: one account whose orders are not those of its contacts.
SELECT account_id, sum(orders) AS missing_orders, sum(amount) AS missing_amount
FROM (
    SELECT c.account_id, 1 AS orders, o.amount
    FROM profile.orders AS o
    JOIN profile.account_members AS c ON c.customer_id = o.customer_id
    UNION ALL
    SELECT account_id, -1, -amount FROM profile.account_orders
)
GROUP BY account_id
HAVING sum(orders) <> 0 OR sum(amount) <> 0
