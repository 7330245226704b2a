-- title: Contacts of companies whose contract renews soon
-- purpose: service
--
-- The people to talk to before a contract renews, within $renewal_days of $as_of. Whoever must speak to one only takes
-- the main contact.
--
-- One row: one contact of an account with a date of renewal. `reminder`: the first of 30, 60 and 90 days within which it
-- renews, for one reminder each; null: later than that.
--
-- key: customer_id
SELECT c.customer_id, a.account_id, a.name AS account, a.owner, a.renews_on, a.days_to_renewal,
       CAST(CASE WHEN a.days_to_renewal <= 30 THEN 30 WHEN a.days_to_renewal <= 60 THEN 60
                 WHEN a.days_to_renewal <= 90 THEN 90 END AS BIGINT) AS reminder,
       c.is_main_contact, a.revenue, a.currency
FROM profile.accounts AS a
JOIN profile.account_contacts AS c ON c.account_id = a.account_id
WHERE a.days_to_renewal BETWEEN 0 AND $renewal_days
