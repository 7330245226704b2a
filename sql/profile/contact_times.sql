-- By which channel and at which hour a message to each customer has the best chance.
--
-- One row: one customer of profile.people. A channel's chance is the share of messages that were opened or clicked
-- (profile.contact_channels); an hour's is its share of all openings, clicks and purchases (profile.active_hours). Where
-- little is known of a customer everybody's habits count: each share is taken together with $prior_messages of the average
-- customer, which is the mean of a beta and of a Dirichlet distribution with everybody for a prior. The channel is one by
-- which the customer has been written to, or else everybody's best; the hour may be everybody's best as long as little
-- speaks for another. Of equal chances the last in the order of names, or of the clock, counts.
--
-- Hours are in UTC, because nobody's local time is known. What cannot be answered, as a letter, has no chance here.
-- Whether a customer has agreed to be written to is another question: profile.consents.
--
-- key: customer_id
WITH every_channel AS (
    SELECT channel, CAST(sum(answers) AS DOUBLE) / sum(messages) AS share
    FROM profile.contact_channels
    GROUP BY channel
), every_hour AS (
    SELECT hour, CAST(actions AS DOUBLE) / sum(actions) OVER () AS share
    FROM (SELECT hour, sum(opens + clicks + purchases) AS actions FROM profile.active_hours GROUP BY hour) AS counted
), channels AS (
    -- latest() takes whole numbers too, and gives the value with the greatest: here chances in millionths.
    SELECT customer_id, latest(channel, chance) AS channel, max(chance) AS chance, CAST(sum(messages) AS BIGINT) AS messages
    FROM (SELECT c.customer_id, c.channel, c.messages,
                 CAST(round(1000000 * (c.answers + $prior_messages * e.share) / (c.messages + $prior_messages)) AS BIGINT)
                     AS chance
          FROM profile.contact_channels AS c
          JOIN every_channel AS e ON e.channel = c.channel) AS chances
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
    SELECT c.channel, c.share AS channel_share, h.hour, h.share AS hour_share
    FROM (SELECT latest(channel, CAST(round(1000000 * share) AS BIGINT)) AS channel, max(share) AS share
          FROM every_channel) AS c
    CROSS JOIN (SELECT latest(hour, CAST(round(1000000 * share) AS BIGINT)) AS hour, max(share) AS share
                FROM every_hour) AS h
)
SELECT p.customer_id, coalesce(c.channel, b.channel) AS channel,
       coalesce(CAST(c.chance AS DOUBLE) / 1000000, round(b.channel_share, 6)) AS channel_chance,
       coalesce(c.messages, 0) AS messages,
       CASE WHEN h.chance >= b.hour_share * 1000000 * $prior_messages / (h.actions + $prior_messages)
            THEN h.hour ELSE b.hour END AS hour,
       round(greatest(CAST(h.chance AS DOUBLE) / 1000000,
                      b.hour_share * $prior_messages / (coalesce(h.actions, 0) + $prior_messages)), 6) AS hour_chance,
       coalesce(h.actions, 0) AS actions
FROM profile.people AS p
CROSS JOIN best AS b
LEFT JOIN channels AS c ON c.customer_id = p.customer_id
LEFT JOIN hours AS h ON h.customer_id = p.customer_id
