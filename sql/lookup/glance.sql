-- What else one customer likes, says and does, as far as profile.customers has it. Whether the best channel is agreed to
-- is said from the consents here, as profile.contact_times says it, which runs of earlier versions do not have.
--
-- key: customer_id
SELECT c.customer_id, c.contact_channel, c.contact_hour,
       coalesce(c.email_consent AND c.contact_channel = 'email' OR c.sms_consent AND c.contact_channel = 'sms'
                OR c.post_consent AND c.contact_channel = 'post', false) AS is_agreed,
       c.p_repeat_purchase, c.p_churn, c.cluster,
       c.favourite_category, c.favourite_brand, c.favourite_store, c.favourite_channel,
       coalesce(p.name, c.next_product_id) AS next_product, coalesce(b.name, n.because_product_id) AS because_product,
       c.return_rate, c.discount_share, c.tickets, c.open_complaints, c.main_topic, c.mean_tone, s.tone_trend,
       c.visits, c.last_contact_at, c.last_contact_kind, days_between(c.last_contact_at, $as_of) AS silent_days,
       $propensity_days AS propensity_days, $lapsed_days AS lapsed_days
FROM profile.customers AS c
LEFT JOIN rfm.next_products AS n ON n.customer_id = c.customer_id AND n.place = 1
LEFT JOIN clean.products AS p ON p.product_id = c.next_product_id
LEFT JOIN clean.products AS b ON b.product_id = n.because_product_id
LEFT JOIN profile.service AS s ON s.customer_id = c.customer_id
WHERE c.customer_id = $customer_id
