-- Each customer's dealings with the service desk, and in which tone.
--
-- One row: one customer who opened at least one ticket before $as_of. A ticket closed on or after $as_of is open. Tones
-- are summed as decimals, so that their order cannot show.
--
-- key: customer_id
WITH by_topic AS (
    SELECT customer_id, topic, count(*) AS tickets,
           count(*) FILTER (WHERE is_open) AS open_tickets,
           count(*) FILTER (WHERE is_complaint) AS complaints,
           count(*) FILTER (WHERE is_complaint AND is_open) AS open_complaints,
           min(opened_at) FILTER (WHERE is_complaint AND is_open) AS complaint_open_since,
           max(opened_at) AS last_opened_at, max(closed_at) AS last_closed_at,
           sum(days_between(opened_at, closed_at)) AS days_to_close,
           count(closed_at) AS closed_tickets,
           sum(CAST(tone AS DECIMAL(4,3))) AS tones, count(tone) AS toned_tickets,
           count(*) FILTER (WHERE tone <= -0.05) AS negative_tickets,
           max(opened_at) FILTER (WHERE tone IS NOT NULL) AS last_toned_at,
           latest(tone, opened_at) AS last_tone
    FROM profile.feedback
    GROUP BY customer_id, topic
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY topic IS NULL, tickets DESC, topic) AS place
    FROM by_topic
), customers AS (
    SELECT customer_id, CAST(sum(tickets) AS BIGINT) AS tickets, CAST(sum(open_tickets) AS BIGINT) AS open_tickets,
           CAST(sum(complaints) AS BIGINT) AS complaints, CAST(sum(open_complaints) AS BIGINT) AS open_complaints,
           min(complaint_open_since) AS complaint_open_since, max(last_opened_at) AS last_opened_at,
           max(last_closed_at) AS last_closed_at, sum(days_to_close) AS days_to_close,
           sum(closed_tickets) AS closed_tickets, max(topic) FILTER (WHERE place = 1) AS main_topic,
           latest(topic, last_opened_at) AS last_topic, sum(negative_tickets) AS negative_tickets, sum(tones) AS tones,
           CAST(sum(toned_tickets) AS BIGINT) AS toned_tickets, latest(last_tone, last_toned_at) AS last_tone
    FROM ranked
    GROUP BY customer_id
)
SELECT customer_id, tickets, open_tickets, complaints, open_complaints, complaint_open_since, last_opened_at,
       last_closed_at,
       CASE WHEN closed_tickets > 0
            THEN round(CAST(days_to_close AS DOUBLE) / CAST(closed_tickets AS DOUBLE), 1) END AS mean_days_to_close,
       main_topic, last_topic, CAST(negative_tickets AS BIGINT) AS negative_tickets,
       CASE WHEN toned_tickets > 0
            THEN round(CAST(tones AS DOUBLE) / CAST(toned_tickets AS DOUBLE), 3) END AS mean_tone,
       last_tone,
       CASE WHEN toned_tickets > 1
            THEN round(last_tone - (CAST(tones AS DOUBLE) - last_tone) / CAST(toned_tickets - 1 AS DOUBLE), 3) END
           AS tone_trend
FROM customers
