-- Clicks on the web site.
--
-- One row: one event. It belongs to the account if somebody was logged in, and otherwise to the browser.
--
-- key: event_id
SELECT 'web:' || event_id AS event_id,
       'web' AS source,
       CASE WHEN user_id IS NOT NULL THEN 'shop:' || user_id ELSE 'web:' || cookie END AS record_id,
       from_epoch_millis(ts) AS occurred_at,
       "type" AS kind,
       page,
       product AS product_id,
       session AS session_id,
       client_device AS device,
       client_referrer AS channel
FROM raw.web_events
