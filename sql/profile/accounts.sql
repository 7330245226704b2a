-- The companies that buy, or might: who they are, who acts for them, what they bring, and when their contract renews.
--
-- One row: one account of clean.accounts. Revenue is in $currency, net of returns by $returns_policy, and so are cost
-- and margin, which are of the order lines whose cost is known: `costed_share` of all lines. Null: nothing is known of
-- costs. Companies of one buying group have one head (parent_account_id), or else share a domain that is no public mail
-- service's; the group is called by its first account. A source that was changed after $as_of says what it says today.
--
-- key: account_id
WITH heads AS (
    SELECT a.account_id, coalesce(h.account_id, a.account_id) AS head_id, lower(coalesce(h.domain, a.domain)) AS domain
    FROM clean.accounts AS a
    LEFT JOIN clean.accounts AS h ON h.account_id = a.parent_account_id
), shared_domains AS (
    SELECT h.domain, min(h.head_id) AS first_id
    FROM heads AS h
    LEFT JOIN reference.generic_values AS public ON public.kind = 'email_domain' AND public.value = h.domain
    WHERE h.domain IS NOT NULL AND public.value IS NULL
    GROUP BY h.domain
), grouped AS (
    SELECT h.account_id, coalesce(d.first_id, h.head_id) AS buying_group
    FROM heads AS h
    LEFT JOIN shared_domains AS d ON d.domain = h.domain
), people AS (
    SELECT account_id, count(*) AS contacts, max(customer_id) FILTER (WHERE is_main_contact) AS main_contact_id
    FROM profile.account_contacts
    GROUP BY account_id
), bought AS (
    SELECT account_id,
           count(*) FILTER (WHERE is_purchase) AS orders,
           min(ordered_at) FILTER (WHERE is_purchase) AS first_order_at,
           max(ordered_at) FILTER (WHERE is_purchase) AS last_order_at,
           sum(amount) FILTER (WHERE counts) AS revenue,
           sum(costed_amount) FILTER (WHERE counts) AS costed_amount,
           sum(cost) FILTER (WHERE counts) AS cost,
           CAST(sum(lines) FILTER (WHERE counts) AS DOUBLE) AS lines,
           CAST(sum(costed_lines) FILTER (WHERE counts) AS DOUBLE) AS costed_lines
    FROM (SELECT *, currency = $currency AND (is_purchase OR status = 'returned' AND $returns_policy = 'net') AS counts
          FROM profile.account_orders)
    GROUP BY account_id
)
SELECT a.account_id, a.source, a.name, lower(a.domain) AS domain, a.industry, a.size, a.owner,
       g.buying_group, count(*) OVER (PARTITION BY g.buying_group) AS group_accounts,
       coalesce(p.contacts, 0) AS contacts, p.main_contact_id,
       coalesce(b.orders, 0) AS orders, b.first_order_at, b.last_order_at,
       $currency AS currency,
       CAST(coalesce(b.revenue, 0) AS DECIMAL(18,2)) AS revenue,
       CAST(CASE WHEN b.costed_lines > 0 THEN b.cost END AS DECIMAL(18,2)) AS cost,
       CAST(CASE WHEN b.costed_lines > 0 THEN b.costed_amount - b.cost END AS DECIMAL(18,2)) AS margin,
       CASE WHEN b.lines > 0 THEN b.costed_lines / b.lines END AS costed_share,
       a.renews_on, days_between($as_of, a.renews_on) AS days_to_renewal
FROM clean.accounts AS a
JOIN grouped AS g ON g.account_id = a.account_id
LEFT JOIN people AS p ON p.account_id = a.account_id
LEFT JOIN bought AS b ON b.account_id = a.account_id
