-- Which marketing an order is owed to: the touches before it, and the credit of each by five usual models.
--
-- One row: one purchase and one touch before it (profile.order_touches). An order without a touch has no row: it is owed to
-- no marketing that we know. The models: all to the `first` touch; all to the `last`; `linear`, to each the same;
-- `position`, 40 % to the first and to the last and the rest to those between; `decay`, half as much for every
-- $attribution_half_life_days that a touch is older.
--
-- A credit is what a touch and all before it are due, rounded down, less what those before it are due. So the weights of
-- an order are exactly 1 in sum, and the amounts exactly the order's: no cent is lost or made. An amount is the order's
-- when it was made; later returns are not taken off.
--
-- key: order_id, touch_id
WITH pairs AS (
    -- A window over each order would say the same, but there are many orders and each has few touches.
    SELECT t.order_id, t.touch_id, u.share,
           u.touched_at < t.touched_at OR u.touched_at = t.touched_at AND u.touch_id <= t.touch_id AS is_due
    FROM profile.order_touches AS t
    JOIN profile.order_touches AS u ON u.order_id = t.order_id
), counted AS (
    SELECT order_id, touch_id, count(*) AS touches, count(*) FILTER (WHERE is_due) AS place,
           CAST(sum(share) AS BIGINT) AS shares, CAST(sum(share) FILTER (WHERE is_due) AS BIGINT) AS shares_due
    FROM pairs
    GROUP BY order_id, touch_id
), placed AS (
    SELECT t.*, CAST(100 * t.amount AS BIGINT) AS cents, c.place, c.touches, c.shares, c.shares_due
    FROM profile.order_touches AS t
    JOIN counted AS c ON c.order_id = t.order_id AND c.touch_id = t.touch_id
), due AS (
    -- By position in fifths of the touches between the first and the last: two fifths to each of these, one to the rest.
    SELECT *, CASE WHEN touches <= 2 THEN touches ELSE 5 * (touches - 2) END AS fifths,
           CASE WHEN touches <= 2 THEN place WHEN place = touches THEN 5 * (touches - 2)
                ELSE 2 * (touches - 2) + place - 1 END AS fifths_due,
           CASE WHEN place = 1 THEN 0 WHEN touches <= 2 THEN place - 1
                ELSE 2 * (touches - 2) + place - 2 END AS fifths_before
    FROM placed
), credited AS (
    -- In millionths of the order, and in cents: whole parts first, so that no product is too large for BIGINT.
    SELECT *, CASE WHEN place = 1 THEN 1000000 ELSE 0 END AS first_weight,
           CASE WHEN place = touches THEN 1000000 ELSE 0 END AS last_weight,
           1000000 * place / touches - 1000000 * (place - 1) / touches AS linear_weight,
           1000000 * fifths_due / fifths - 1000000 * fifths_before / fifths AS position_weight,
           1000000 * shares_due / shares - 1000000 * (shares_due - share) / shares AS decay_weight,
           CASE WHEN place = 1 THEN cents ELSE 0 END AS first_cents,
           CASE WHEN place = touches THEN cents ELSE 0 END AS last_cents,
           cents / touches + cents % touches * place / touches - cents % touches * (place - 1) / touches AS linear_cents,
           cents / fifths * (fifths_due - fifths_before)
               + cents % fifths * fifths_due / fifths - cents % fifths * fifths_before / fifths AS position_cents,
           cents / shares * share
               + cents % shares * shares_due / shares - cents % shares * (shares_due - share) / shares AS decay_cents
    FROM due
)
SELECT order_id, touch_id, customer_id, ordered_at, touched_at, kind, channel, campaign, place, touches,
       CAST(first_weight * 0.000001 AS DECIMAL(18,6)) AS first_weight,
       CAST(last_weight * 0.000001 AS DECIMAL(18,6)) AS last_weight,
       CAST(linear_weight * 0.000001 AS DECIMAL(18,6)) AS linear_weight,
       CAST(position_weight * 0.000001 AS DECIMAL(18,6)) AS position_weight,
       CAST(decay_weight * 0.000001 AS DECIMAL(18,6)) AS decay_weight,
       CAST(first_cents * 0.01 AS DECIMAL(18,2)) AS first_amount,
       CAST(last_cents * 0.01 AS DECIMAL(18,2)) AS last_amount,
       CAST(linear_cents * 0.01 AS DECIMAL(18,2)) AS linear_amount,
       CAST(position_cents * 0.01 AS DECIMAL(18,2)) AS position_amount,
       CAST(decay_cents * 0.01 AS DECIMAL(18,2)) AS decay_amount, currency
FROM credited
