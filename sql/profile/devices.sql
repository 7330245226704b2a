-- Whose an anonymous browser or device was, and when: what somebody did before logging in joins the person once the device
-- is seen with who uses it.
--
-- One row: one device on which one customer was identified. What happened on it from $anonymous_days before the first
-- identification to as many after the last one is the customer's; a null time has no end: the source does not say when it
-- was. What was shown last after $as_of counts as shown up to it. A device is no person: where the time of two customers
-- overlaps, as on the family's tablet, what nobody logged in for is nobody's, and neither has a row; a phone that was handed
-- on is first the one's and then the other's. A device that nobody ever logged in on has no row.
--
-- key: record_id, customer_id
WITH shown AS (
    SELECT s.record_id, s.kind, s.value, s.seen_first_at, s.seen_last_at
    FROM clean.identifiers AS s
    WHERE s.kind IN ('user_id', 'email', 'phone', 'loyalty_id', 'national_id')
      AND (s.seen_first_at IS NULL OR s.seen_first_at < $as_of)
      AND EXISTS (SELECT 1 FROM clean.identifiers AS d
                  WHERE d.record_id = s.record_id AND d.kind IN ('cookie', 'device_id', 'ad_id'))
), bearers AS (
    -- Whom a value means, if it means one customer. Records that several people use do not count.
    SELECT v.kind, v.value, min(i.customer_id) AS customer_id
    FROM (SELECT DISTINCT kind, value FROM shown) AS v
    JOIN match.evidence AS e ON e.kind = v.kind AND e.value = v.value
    JOIN match.identities AS i ON i.record_id = e.record_id
    GROUP BY v.kind, v.value
    HAVING min(i.customer_id) = max(i.customer_id)
), identified AS (
    SELECT s.record_id, b.customer_id,
           CASE WHEN count(s.seen_first_at) = count(*) THEN min(s.seen_first_at) END AS first_at,
           CASE WHEN count(coalesce(s.seen_last_at, s.seen_first_at)) = count(*)
                THEN least(max(coalesce(s.seen_last_at, s.seen_first_at)), CAST($as_of AS TIMESTAMP)) END AS last_at
    FROM shown AS s
    JOIN bearers AS b ON b.kind = s.kind AND b.value = s.value
    GROUP BY s.record_id, b.customer_id
), counted AS (
    SELECT record_id, customer_id, first_at, last_at, count(*) OVER (PARTITION BY record_id) AS customers
    FROM identified
)
SELECT c.record_id, c.customer_id, c.first_at AS identified_first_at, c.last_at AS identified_last_at
FROM counted AS c
WHERE c.customers = 1
   OR NOT EXISTS (SELECT 1 FROM counted AS o
                  WHERE o.record_id = c.record_id AND o.customer_id <> c.customer_id
                    AND coalesce(days_between(c.last_at, o.first_at) <= 2 * $anonymous_days, true)
                    AND coalesce(days_between(o.last_at, c.first_at) <= 2 * $anonymous_days, true))
