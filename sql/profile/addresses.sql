-- What became of messages to each e-mail address and phone number: whether it is alive.
--
-- One row: one address that something was sent to before $as_of. `is_dead`: a message came back for good, and nobody
-- has opened or clicked one since.
--
-- key: address
SELECT address, last_confirmed_at, last_bounced_at,
       last_bounced_at IS NOT NULL AND (last_confirmed_at IS NULL OR last_confirmed_at < last_bounced_at) AS is_dead
FROM (
    SELECT address,
           max(greatest(opened_at, clicked_at)) FILTER (WHERE greatest(opened_at, clicked_at) < $as_of)
               AS last_confirmed_at,
           max(bounced_at) FILTER (WHERE bounced_at < $as_of) AS last_bounced_at
    FROM clean.messages
    WHERE address IS NOT NULL AND sent_at < $as_of
    GROUP BY address
)
