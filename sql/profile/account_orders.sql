-- What each company bought, and what it cost us.
--
-- One row: one order, return or cancellation of a contact, under the contact's account. Costs are of the lines whose
-- product has a unit_cost in the currency of the order: `costed_lines` of `lines`; `costed_amount` is what the customer
-- pays for these alone, so that costed_amount - cost is the margin on them. Both are negative where goods came back.
--
-- key: account_id, order_id
WITH ours AS (
    SELECT c.account_id, o.*
    FROM profile.orders AS o
    JOIN profile.account_members AS c ON c.customer_id = o.customer_id
), costs AS (
    SELECT l.order_id, count(*) AS lines, count(p.unit_cost) AS costed_lines,
           sum(CASE WHEN p.unit_cost IS NOT NULL
                    THEN coalesce(l.amount, CAST(l.quantity * l.unit_price AS DECIMAL(18,2)) - coalesce(l.discount, 0))
               END) AS costed_amount,
           sum(CAST(l.quantity * p.unit_cost AS DECIMAL(18,4))) AS cost
    FROM clean.order_lines AS l
    JOIN ours AS o ON o.order_id = l.order_id
    LEFT JOIN clean.products AS p
        ON p.product_id = l.product_id AND l.quantity IS NOT NULL AND coalesce(p.currency, o.currency) = o.currency
    GROUP BY l.order_id
)
SELECT o.account_id, o.order_id, o.customer_id, o.ordered_at, o.status, o.is_purchase, o.amount, o.currency,
       coalesce(c.lines, 0) AS lines, coalesce(c.costed_lines, 0) AS costed_lines,
       CAST(coalesce(c.costed_amount, 0) AS DECIMAL(18,2)) AS costed_amount,
       CAST(coalesce(c.cost, 0) AS DECIMAL(18,2)) AS cost
FROM ours AS o
LEFT JOIN costs AS c ON c.order_id = o.order_id
