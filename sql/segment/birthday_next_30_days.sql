-- title: Birthdays in the next 30 days
-- purpose: marketing
--
-- Customers who have a birthday on $as_of or in the 29 days after it. Who was born on 29 February celebrates on the
-- last day of February.
--
-- One row: one customer with a birth date.
--
-- key: customer_id
WITH days AS (
    SELECT customer_id, birth_date, language, CAST(date_part('year', $as_of) AS INT) AS this_year,
           CAST(date_part('month', birth_date) AS INT) AS birth_month,
           CAST(date_part('day', birth_date) AS INT) AS birth_day
    FROM profile.customers
    WHERE birth_date IS NOT NULL AND birth_date < $as_of
), birthdays AS (
    SELECT d.customer_id, d.birth_date, d.language, d.this_year + y.years AS birthday_year,
           CAST(CASE WHEN d.birth_month = 2 AND d.birth_day = 29
                     THEN make_date(d.this_year + y.years, 3, 1) - INTERVAL '1' DAY
                     ELSE make_date(d.this_year + y.years, d.birth_month, d.birth_day) END AS DATE) AS birthday
    FROM days AS d CROSS JOIN (VALUES (0), (1)) AS y(years)
)
SELECT customer_id, birthday, language,
       CAST(birthday_year - CAST(date_part('year', birth_date) AS INT) AS BIGINT) AS age
FROM birthdays
WHERE days_between($as_of, birthday) >= 0 AND days_between($as_of, birthday) < 30
