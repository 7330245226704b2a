-- What the records of people are compared in, beyond identifiers: records that are alike in many ways are one person, though
-- no single value says so.
--
-- One row: one contact record. Which columns there are is yours to say: add what tells people apart (a maiden name, a place
-- of birth), leave out what does not. The engine finds from names and values what a column holds, and learns from the
-- records how much an agreement in it weighs (match.model).
--
-- key: record_id
SELECT record_id, source, full_name, given_name, family_name, birth_date, sex, email, phone, street, city, region, postcode,
       country, company, national_id, loyalty_id
FROM clean.contacts
