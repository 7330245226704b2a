-- By which channel and at which hour a message to each customer has the best chance.
--
-- One row: one customer of profile.people. A channel's chance is the share of messages that were opened or clicked
-- (profile.contact_channels); an hour's is its share of all openings, clicks and purchases (profile.active_hours). Where
-- little is known of a customer everybody's habits count: each share is taken together with $prior_messages of the average
-- customer, which is the mean of a beta and of a Dirichlet distribution with everybody for a prior. The channel is one that
-- reaches the customer and was not refused: there is an address for it that works, or for push messages it has been used
-- before. Those to whose use for marketing the customer has agreed come first, and of these the one with the best chance;
-- `is_agreed` says whether it is one of them (profile.consents).
-- Where nobody was ever sent a message by a channel its chance is not known. The hour may be everybody's best as long as
-- little speaks for another; of equal chances the last of the clock counts.
--
-- Hours are in UTC, because nobody's local time is known.
--
-- key: customer_id
WITH every_channel AS (
    SELECT channel, CAST(sum(answers) AS DOUBLE) / sum(messages) AS share
    FROM profile.contact_channels
    GROUP BY channel
    UNION ALL
    SELECT u.channel, NULL
    FROM (VALUES ('email'), ('sms'), ('post')) AS u(channel)
    WHERE NOT EXISTS (SELECT 1 FROM profile.contact_channels AS c WHERE c.channel = u.channel)
), every_hour AS (
    SELECT hour, CAST(actions AS DOUBLE) / sum(actions) OVER () AS share
    FROM (SELECT hour, sum(opens + clicks + purchases) AS actions FROM profile.active_hours GROUP BY hour) AS counted
), reaching AS (
    SELECT p.customer_id, e.channel, coalesce(c.messages, 0) AS messages,
           CAST(round(1000000 * (coalesce(c.answers, 0) + $prior_messages * e.share)
                      / (coalesce(c.messages, 0) + $prior_messages)) AS BIGINT) AS chance,
           CASE e.channel WHEN 'email' THEN p.email_consent WHEN 'sms' THEN p.sms_consent
                          WHEN 'post' THEN p.post_consent END AS consent
    FROM profile.people AS p
    CROSS JOIN every_channel AS e
    LEFT JOIN profile.contact_channels AS c ON c.customer_id = p.customer_id AND c.channel = e.channel
    WHERE CASE e.channel WHEN 'email' THEN p.email IS NOT NULL AND NOT coalesce(p.email_is_stale, false)
                         WHEN 'sms' THEN p.phone IS NOT NULL AND NOT coalesce(p.phone_is_stale, false)
                         WHEN 'post' THEN p.street IS NOT NULL AND NOT coalesce(p.address_is_stale, false)
                         ELSE c.messages > 0 END
), channels AS (
    -- latest() takes whole numbers too, and gives the value with the greatest: here chances in millionths, more than any
    -- chance for what has been agreed to, and next to nothing for e-mail before SMS before post, where no chance is known.
    SELECT customer_id,
           latest(channel, 10 * coalesce(chance, 0) + CASE WHEN consent THEN 100000000 ELSE 0 END
                           + CASE channel WHEN 'email' THEN 2 WHEN 'sms' THEN 1 ELSE 0 END) AS channel
    FROM reaching
    WHERE coalesce(consent, true)
    GROUP BY customer_id
), hours AS (
    SELECT customer_id, latest(hour, chance) AS hour, max(chance) AS chance, max(actions) AS actions
    FROM (SELECT a.customer_id, a.hour, a.actions,
                 CAST(round(1000000 * (a.hour_actions + $prior_messages * e.share) / (a.actions + $prior_messages))
                      AS BIGINT) AS chance
          FROM (SELECT customer_id, hour, opens + clicks + purchases AS hour_actions,
                       CAST(sum(opens + clicks + purchases) OVER (PARTITION BY customer_id) AS BIGINT) AS actions
                FROM profile.active_hours) AS a
          JOIN every_hour AS e ON e.hour = a.hour) AS chances
    GROUP BY customer_id
), best AS (
    SELECT latest(hour, CAST(round(1000000 * share) AS BIGINT)) AS hour, max(share) AS hour_share FROM every_hour
)
SELECT p.customer_id, r.channel, CAST(r.chance AS DOUBLE) / 1000000 AS channel_chance, coalesce(r.consent, false) AS is_agreed,
       coalesce(r.messages, 0) AS messages,
       CASE WHEN h.chance >= b.hour_share * 1000000 * $prior_messages / (h.actions + $prior_messages)
            THEN h.hour ELSE b.hour END AS hour,
       round(greatest(CAST(h.chance AS DOUBLE) / 1000000,
                      b.hour_share * $prior_messages / (coalesce(h.actions, 0) + $prior_messages)), 6) AS hour_chance,
       coalesce(h.actions, 0) AS actions
FROM profile.people AS p
CROSS JOIN best AS b
LEFT JOIN channels AS c ON c.customer_id = p.customer_id
LEFT JOIN reaching AS r ON r.customer_id = c.customer_id AND r.channel = c.channel
LEFT JOIN hours AS h ON h.customer_id = p.customer_id
