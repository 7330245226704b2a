-- Browsers, and the accounts that were logged in on them. A browser where two people log in, such as the family's
-- tablet, shows both accounts, and matching keeps it apart.
--
-- One row: one browser shows its cookie, or one account.
--
-- key: record_id, kind, value
SELECT 'web:' || cookie AS record_id,
       'cookie' AS kind,
       cookie AS value,
       'web' AS source,
       min(from_epoch_millis(ts)) AS seen_first_at,
       max(from_epoch_millis(ts)) AS seen_last_at
FROM raw.web_events
GROUP BY cookie
UNION ALL
SELECT 'web:' || cookie, 'user_id', user_id, 'web',
       min(from_epoch_millis(ts)), max(from_epoch_millis(ts))
FROM raw.web_events
WHERE user_id IS NOT NULL
GROUP BY cookie, user_id
