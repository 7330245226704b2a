-- Kinds of customers, found by what they have in common (k-means): where each cluster lies in each trait.
--
-- One row: one trait of one cluster of the buyers in rfm.traits, as of now. `centre` is how far the cluster's mean is from
-- that of all buyers, in standard deviations: 1.5 in log_orders means many more orders than usual. Their number is the
-- smallest of 3 to 8 whose mean silhouette is as good as the highest, unless $clusters says otherwise; `why` has the
-- figures. The same customers give the same clusters.
--
-- key: cluster, trait
WITH fitted AS (
    SELECT kmeans_fit(
        {'log_recency': log_recency, 'log_tenure': log_tenure, 'log_orders': log_orders,
         'log_order_value': log_order_value, 'log_gap': log_gap, 'discount_share': discount_share,
         'return_share': return_share, 'web_share': web_share},
        $clusters) AS model
    FROM rfm.traits
    WHERE days_back = 0
), parts AS (
    SELECT unnest(model['centres']) AS part, model['explained'] AS explained, model['silhouette'] AS silhouette,
           model['why'] AS why, model['warning'] AS warning
    FROM fitted
)
SELECT part['cluster'] AS cluster, part['trait'] AS trait, part['mean'] AS mean, part['deviation'] AS deviation,
       part['centre'] AS centre, explained, silhouette, why, warning
FROM parts
