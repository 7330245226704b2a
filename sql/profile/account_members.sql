-- Who acts for which company.
--
-- One row: one customer who belongs to an account. `joined_by`: account_id, which the golden profile has or else the
-- contact record that was confirmed last, or domain, the company's own in one of the person's e-mail addresses. A domain
-- of a public mail service, such as gmail.com, is nobody's own, and one that several accounts share tells none of them.
--
-- key: customer_id
WITH own_domains AS (
    SELECT lower(a.domain) AS domain, min(a.account_id) AS account_id
    FROM clean.accounts AS a
    LEFT JOIN reference.generic_values AS public ON public.kind = 'email_domain' AND public.value = lower(a.domain)
    WHERE a.domain IS NOT NULL AND public.value IS NULL
    GROUP BY lower(a.domain)
    HAVING count(*) = 1
), by_record AS (
    SELECT c.customer_id, latest(a.account_id, c.confirmed_at) AS account_id
    FROM profile.contacts AS c
    JOIN clean.accounts AS a ON a.account_id = split_part(c.company, chr(31), 3)
    GROUP BY c.customer_id
), by_domain AS (
    SELECT c.customer_id, min(d.account_id) AS account_id
    FROM profile.contacts AS c
    JOIN own_domains AS d ON d.domain = email_domain(c.email)
    GROUP BY c.customer_id
    HAVING min(d.account_id) = max(d.account_id)
)
SELECT c.customer_id, coalesce(a.account_id, r.account_id, d.account_id) AS account_id,
       CASE WHEN coalesce(a.account_id, r.account_id) IS NOT NULL THEN 'account_id' ELSE 'domain' END AS joined_by
FROM profile.people AS c
LEFT JOIN clean.accounts AS a ON a.account_id = c.account_id
LEFT JOIN by_record AS r ON r.customer_id = c.customer_id
LEFT JOIN by_domain AS d ON d.customer_id = c.customer_id
WHERE coalesce(a.account_id, r.account_id, d.account_id) IS NOT NULL
