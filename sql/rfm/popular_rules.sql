-- The popular grid of 11 labels with overlapping ranges, put into an order: the first rule that matches gives the label.
--
-- One row: one rule. Ranges are those of the table that most tools copy (Putler's "RFM segments": recency, and the mean
-- of frequency and monetary score), within 1 to 5. In 20 of 25 pairs of scores several of them match, so that tools
-- which copied it label the same customer differently; taken in its own order it never gives four of its labels. Here
-- the narrowest range comes first, and every label is given. Hibernating and lost have the same range there; lost, "the
-- lowest scores", is here those who have nothing but ones. For a partition by design see rfm.labels.
--
-- key: priority
SELECT CAST(priority AS BIGINT) AS priority, label,
       CAST(recency_from AS BIGINT) AS recency_from, CAST(recency_to AS BIGINT) AS recency_to,
       CAST(value_from AS BIGINT) AS value_from, CAST(value_to AS BIGINT) AS value_to
FROM (VALUES
    (1,  'lost',               1, 1, 1, 1),
    (2,  'cant_lose',          1, 1, 4, 5),
    (3,  'promising',          3, 4, 1, 1),
    (4,  'new_customer',       4, 5, 1, 1),
    (5,  'champion',           4, 5, 4, 5),
    (6,  'need_attention',     2, 3, 2, 3),
    (7,  'about_to_sleep',     2, 3, 1, 2),
    (8,  'hibernating',        1, 2, 1, 2),
    (9,  'at_risk',            1, 2, 2, 5),
    (10, 'potential_loyalist', 3, 5, 1, 3),
    (11, 'loyal',              2, 5, 3, 5)
) AS rules(priority, label, recency_from, recency_to, value_from, value_to)
