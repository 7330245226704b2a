-- Which cluster each buyer is in, and what sets that cluster apart.
--
-- One row: one customer of rfm.buyers. Cluster 1 was the largest when it was found; numbers may change from run to run, so
-- go by `description`: the three traits in which the cluster is furthest from all buyers, by half a standard deviation or
-- more. `distance` to the cluster's centre is in standard deviations: small for who is typical of it.
--
-- key: customer_id
WITH model AS (
    SELECT {'centres': array_agg({'cluster': cluster, 'trait': trait, 'mean': mean, 'deviation': deviation,
                                  'centre': centre})} AS model
    FROM rfm.cluster_traits
), words AS (
    SELECT * FROM (VALUES
        ('log_recency',     'bought lately',         'has not bought for long'),
        ('log_tenure',      'is new',                'has long been a customer'),
        ('log_orders',      'few orders',            'many orders'),
        ('log_order_value', 'small orders',          'large orders'),
        ('log_gap',         'short between orders',  'long between orders'),
        ('discount_share',  'pays full price',       'buys at a discount'),
        ('return_share',    'sends nothing back',    'sends much back'),
        ('web_share',       'seldom on the web',     'mostly on the web')
    ) AS w(trait, low, high)
), ranked AS (
    SELECT c.cluster, CASE WHEN c.centre < 0 THEN w.low ELSE w.high END AS word,
           row_number() OVER (PARTITION BY c.cluster ORDER BY round(abs(c.centre), 9) DESC, c.trait) AS place
    FROM rfm.cluster_traits AS c
    JOIN words AS w ON w.trait = c.trait
    WHERE abs(c.centre) >= 0.5
), described AS (
    SELECT cluster, string_agg(word, ', ' ORDER BY place) AS description
    FROM ranked
    WHERE place <= 3
    GROUP BY cluster
), assigned AS (
    SELECT t.customer_id,
           kmeans_cluster(m.model,
               {'log_recency': t.log_recency, 'log_tenure': t.log_tenure, 'log_orders': t.log_orders,
                'log_order_value': t.log_order_value, 'log_gap': t.log_gap, 'discount_share': t.discount_share,
                'return_share': t.return_share, 'web_share': t.web_share}) AS cluster,
           round(kmeans_distance(m.model,
               {'log_recency': t.log_recency, 'log_tenure': t.log_tenure, 'log_orders': t.log_orders,
                'log_order_value': t.log_order_value, 'log_gap': t.log_gap, 'discount_share': t.discount_share,
                'return_share': t.return_share, 'web_share': t.web_share}), 6) AS distance
    FROM rfm.traits AS t CROSS JOIN model AS m
    WHERE t.days_back = 0
)
SELECT a.customer_id, a.cluster, coalesce(d.description, 'as customers usually are') AS description, a.distance
FROM assigned AS a
LEFT JOIN described AS d ON d.cluster = a.cluster
