-- Sums of events whose own rows are gone, because they were older than their source may keep them.
--
-- One row: one row of clean.event_summaries as `onefold privacy retain` found it when it dropped the events.
--
-- key: record_id, started_at, source, session_id, product_id
SELECT *
FROM clean.past_event_summaries
