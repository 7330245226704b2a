-- The golden record with its evidence: for each attribute the claim that survives, and which record it comes from.
--
-- One row: one customer with at least one contact record. Each attribute is a STRUCT of the surviving value, its
-- record_id, its trust (below zero: stale), when it was last confirmed, how many records claim anything (records), how
-- many the same (agreeing), how many other values there are (rivals), and why it won: only, agreed, trust, recency,
-- tie. profile.people has the plain values, profile.provenance the evidence in long form.
--
-- key: customer_id
SELECT customer_id,
       count(*) AS contacts,
       min(created_at) AS first_seen_at,
       max(confirmed_at) AS last_seen_at,
       survivor(name, name_trust, confirmed_at, record_id) AS name,
       survivor(birth_date, birth_date_trust, confirmed_at, record_id) AS birth_date,
       survivor(sex, sex_trust, confirmed_at, record_id) AS sex,
       survivor(email, email_trust, email_confirmed_at, record_id) AS email,
       survivor(phone, phone_trust, phone_confirmed_at, record_id) AS phone,
       survivor(address, address_trust, confirmed_at, record_id) AS address,
       survivor(company, company_trust, confirmed_at, record_id) AS company,
       survivor(language, language_trust, confirmed_at, record_id) AS language
FROM profile.contacts
GROUP BY customer_id
