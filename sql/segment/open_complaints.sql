-- title: Customers with an open complaint
-- purpose: service
--
-- Those who complained and have no answer yet: for the service desk, and to be left out of every campaign.
--
-- One row: one customer.
--
-- key: customer_id
SELECT s.customer_id, s.open_complaints, s.complaint_open_since,
       days_between(s.complaint_open_since, $as_of) AS days_open, l.lifecycle, l.orders
FROM profile.service AS s
LEFT JOIN rfm.lifecycle AS l ON l.customer_id = s.customer_id
WHERE s.open_complaints > 0
