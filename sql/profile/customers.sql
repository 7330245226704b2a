-- The customer at a glance: who it is, how to reach them, what they agreed to, what they are worth and where they stand.
--
-- One row: one customer of profile.people. The columns stand in the order in which one asks: person, work, address,
-- consent and when to write, buying in $currency, scores and predictions, habits and likes, loyalty, service, last contact,
-- and how sure it is that all this is one person. It holds nothing of its own: the contract names the table behind each
-- column, which knows more.
--
-- key: customer_id
WITH spent AS (
    SELECT customer_id, monetary FROM rfm.history WHERE currency = $currency
), likes AS (
    SELECT customer_id,
           max(value) FILTER (WHERE kind = 'category') AS category, max(value) FILTER (WHERE kind = 'brand') AS brand,
           max(value) FILTER (WHERE kind = 'store') AS store, max(value) FILTER (WHERE kind = 'channel') AS channel
    FROM profile.favourites
    WHERE kind <> 'product'
    GROUP BY customer_id
)
SELECT c.customer_id, c.full_name, c.given_name, c.family_name, c.birth_date, c.sex, c.language,
       c.company, c.job_title, c.account_id,
       c.email, c.email_is_stale, c.phone, c.phone_is_stale,
       c.street, c.postcode, c.city, c.region, c.country, c.address_is_stale,
       c.email_consent, c.sms_consent, c.phone_consent, c.post_consent,
       w.channel AS contact_channel, w.hour AS contact_hour,
       l.lifecycle, l.orders, l.first_order_at, l.last_order_at, l.recency_days,
       h.monetary, $currency AS currency, s.rfm_score, s.label AS rfm_label,
       v.p_alive, v.predicted_order_frequency_next_365d, v.predicted_clv_next_365d,
       v.predicted_customer_lifetime_value_tier,
       o.p_repeat_purchase, o.p_churn, k.description AS cluster,
       f.category AS favourite_category, f.brand AS favourite_brand, f.store AS favourite_store,
       f.channel AS favourite_channel, n.product_id AS next_product_id,
       b.return_rate, b.discount_share, y.tier AS loyalty_tier, y.points AS loyalty_points,
       coalesce(t.tickets, 0) AS tickets, coalesce(t.open_complaints, 0) AS open_complaints, t.main_topic, t.mean_tone,
       coalesce(g.visits, 0) AS visits, a.last_contact_at, a.last_contact_kind,
       c.confidence, c.records, c.sources, c.first_seen_at, c.last_seen_at
FROM profile.people AS c
JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
LEFT JOIN profile.contact_times AS w ON w.customer_id = c.customer_id
LEFT JOIN spent AS h ON h.customer_id = c.customer_id
LEFT JOIN rfm.scores AS s ON s.customer_id = c.customer_id
LEFT JOIN rfm.predictions AS v ON v.customer_id = c.customer_id
LEFT JOIN rfm.propensities AS o ON o.customer_id = c.customer_id
LEFT JOIN rfm.clusters AS k ON k.customer_id = c.customer_id
LEFT JOIN likes AS f ON f.customer_id = c.customer_id
LEFT JOIN (SELECT customer_id, product_id FROM rfm.next_products WHERE place = 1) AS n ON n.customer_id = c.customer_id
LEFT JOIN profile.habits AS b ON b.customer_id = c.customer_id
LEFT JOIN profile.loyalty AS y ON y.customer_id = c.customer_id
LEFT JOIN profile.service AS t ON t.customer_id = c.customer_id
LEFT JOIN profile.browsing AS g ON g.customer_id = c.customer_id
LEFT JOIN profile.last_contacts AS a ON a.customer_id = c.customer_id
