-- Customers by lifecycle, for the report of `onefold demo`.
--
-- key: lifecycle
SELECT lifecycle, count(*) AS customers
FROM rfm.lifecycle
GROUP BY lifecycle
ORDER BY CASE lifecycle WHEN 'prospect' THEN 1 WHEN 'new' THEN 2 WHEN 'active' THEN 3 WHEN 'at_risk' THEN 4
                        WHEN 'lapsed' THEN 5 ELSE 6 END
