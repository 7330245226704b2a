-- No event is lost or counted twice on its way from sessions and products to what is said of each customer.
--
-- One row: one customer whose sessions do not add up to the summary.
SELECT coalesce(s.customer_id, b.customer_id) AS customer_id, s.events, b.events AS summarised_events
FROM (SELECT customer_id, sum(events) AS events FROM profile.sessions GROUP BY customer_id) AS s
FULL JOIN profile.browsing AS b ON b.customer_id = s.customer_id
WHERE s.events IS DISTINCT FROM b.events
