-- The contacts of each company, and which of them is the one to talk to.
--
-- One row: one customer of profile.account_members. The main contact is who buys most, then who opens or clicks most
-- messages, then the first by id.
--
-- key: customer_id
WITH bought AS (
    SELECT m.customer_id, count(*) AS orders
    FROM profile.account_members AS m
    JOIN profile.orders AS o ON o.customer_id = m.customer_id
    WHERE o.is_purchase
    GROUP BY m.customer_id
), answered AS (
    SELECT m.customer_id, count(*) AS answers
    FROM profile.account_members AS m
    JOIN match.identities AS i ON i.customer_id = m.customer_id
    JOIN clean.messages AS t ON t.record_id = i.record_id
    WHERE t.sent_at < $as_of AND (t.opened_at < $as_of OR t.clicked_at < $as_of)
    GROUP BY m.customer_id
), counted AS (
    SELECT m.customer_id, m.account_id, m.joined_by, coalesce(b.orders, 0) AS orders, coalesce(a.answers, 0) AS answers
    FROM profile.account_members AS m
    LEFT JOIN bought AS b ON b.customer_id = m.customer_id
    LEFT JOIN answered AS a ON a.customer_id = m.customer_id
)
SELECT customer_id, account_id, joined_by, orders, answers,
       row_number() OVER (PARTITION BY account_id ORDER BY orders DESC, answers DESC, customer_id) = 1 AS is_main_contact
FROM counted
