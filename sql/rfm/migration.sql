-- How customers moved between labels in the $migration_days before $as_of.
--
-- One row: one label then and one now, `none` being no buyer; see rfm.moves, which has the customers behind each row.
-- `spent_between` is what they spent in between, net of what came back.
--
-- key: from_label, to_label
SELECT from_label, to_label, count(*) AS customers,
       CAST(sum(from_monetary) AS DECIMAL(18,2)) AS from_monetary,
       CAST(sum(to_monetary) AS DECIMAL(18,2)) AS to_monetary,
       CAST(sum(to_monetary) - sum(from_monetary) AS DECIMAL(18,2)) AS spent_between,
       $currency AS currency
FROM rfm.moves
GROUP BY from_label, to_label
