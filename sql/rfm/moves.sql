-- Where each customer stood $migration_days before $as_of, and where on $as_of.
--
-- One row: one customer who has scores at either date. `none`: no net spend in $currency by then, as a prospect has
-- none, or somebody who has sent everything back. `direction`: new (scores only now), gone (only then), same (the same
-- label), else by recency and frequency score together: up, down, or sideways. Scores of both dates are cut by the
-- customers of that date, so that standing still while others buy is a way down; with frozen thresholds
-- (rfm.thresholds) one moves by oneself alone. Who is who is decided by all that is known today.
--
-- key: customer_id
WITH before AS (
    SELECT id, label, rfm_score, monetary, recency_score + frequency_score AS height
    FROM rfm.standings WHERE population = 'then'
), after AS (
    SELECT id, label, rfm_score, monetary, recency_score + frequency_score AS height
    FROM rfm.standings WHERE population = 'now'
)
SELECT coalesce(a.id, b.id) AS customer_id,
       coalesce(b.label, 'none') AS from_label, coalesce(a.label, 'none') AS to_label,
       CASE WHEN b.id IS NULL THEN 'new'
            WHEN a.id IS NULL THEN 'gone'
            WHEN a.label = b.label THEN 'same'
            WHEN a.height > b.height THEN 'up'
            WHEN a.height < b.height THEN 'down'
            ELSE 'sideways' END AS direction,
       b.rfm_score AS from_rfm_score, a.rfm_score AS to_rfm_score,
       CAST(coalesce(b.monetary, 0) AS DECIMAL(18,2)) AS from_monetary,
       CAST(coalesce(a.monetary, 0) AS DECIMAL(18,2)) AS to_monetary,
       $currency AS currency
FROM before AS b
FULL OUTER JOIN after AS a ON a.id = b.id
