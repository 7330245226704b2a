-- Contact records, with the columns by which two records can be told to be, or not to be, the same person.
--
-- One row: one record of clean.contacts. Names are folded. A name in Latin letters goes to `given_name`, `family_name`
-- and, whole, to `latin_name`; one in another script to `native_name`, written together and family name first, because
-- 王小明 and Wang Xiaoming cannot be compared letter by letter. A full name without parts is split by what its first and
-- last word are among the other contacts (match.names): An is a given name and Nguyễn a family name, so that Nguyễn Văn
-- An is An; in doubt the given name comes first. Initials and placeholder birth dates say nothing and are left out.
-- `name_at_home` holds the postcode, and the words of the name and the numbers of the address in order of the alphabet,
-- so that `Flat 51, 126 West Road` and `51/126 West Rd` are the same home.
--
-- key: record_id
WITH folded AS (
    SELECT record_id, source, birth_date, email, street, postcode, loyalty_id, national_id,
           fold_name(given_name) AS given_name, fold_name(family_name) AS family_name,
           CASE WHEN given_name IS NULL THEN fold_name(full_name) END AS full_name
    FROM clean.contacts
), split AS (
    SELECT record_id, source, birth_date, email, street, postcode, loyalty_id, national_id, given_name, family_name,
           full_name, split_part(full_name, ' ', 1) AS first_word, split_part(full_name, ' ', -1) AS last_word
    FROM folded
), ordered AS (
    SELECT s.*, (coalesce(last_name.as_given, 0) + 1) * (coalesce(first_name.as_family, 0) + 1)
                > (coalesce(first_name.as_given, 0) + 1) * (coalesce(last_name.as_family, 0) + 1) AS is_family_first
    FROM split AS s
    LEFT JOIN match.names AS first_name ON first_name.name = s.first_word
    LEFT JOIN match.names AS last_name ON last_name.name = s.last_word
), named AS (
    SELECT record_id, source, birth_date, email, street, postcode, loyalty_id, national_id, full_name,
           CASE WHEN full_name IS NULL OR first_word = last_word THEN given_name
                WHEN is_family_first THEN last_word ELSE first_word END AS given_name,
           CASE WHEN full_name IS NULL OR first_word = last_word THEN family_name
                WHEN is_family_first THEN first_word ELSE last_word END AS family_name
    FROM ordered
)
SELECT n.record_id, n.source, true AS is_contact, true AS is_person, false AS is_shared,
       CASE WHEN length(n.given_name) > 1 AND bit_length(n.given_name) = 8 * length(n.given_name)
            THEN n.given_name END AS given_name,
       CASE WHEN length(n.family_name) > 1 AND bit_length(n.family_name) = 8 * length(n.family_name)
            THEN n.family_name END AS family_name,
       CASE WHEN bit_length(n.given_name) = 8 * length(n.given_name)
            THEN coalesce(n.full_name, concat_ws(' ', n.given_name, n.family_name)) END AS latin_name,
       CASE WHEN bit_length(coalesce(n.given_name, n.full_name)) > 8 * length(coalesce(n.given_name, n.full_name))
            THEN replace(coalesce(n.full_name, concat(n.family_name, n.given_name)), ' ', '') END AS native_name,
       CASE WHEN placeholder.value IS NULL THEN n.birth_date END AS birth_date,
       n.national_id, n.postcode,
       CASE WHEN n.postcode IS NOT NULL AND n.street <> translate(n.street, '0123456789', '') AND n.given_name IS NOT NULL
            THEN concat(n.postcode, ' ', array_to_string(array_sort(string_to_array(
                     trim(concat_ws(' ', coalesce(n.full_name, concat_ws(' ', n.given_name, n.family_name)),
                                    trim(regexp_replace(n.street, '[^0-9]+', ' ', 'g')))), ' ')), ' '))
       END AS name_at_home,
       n.email IS NOT NULL OR n.loyalty_id IS NOT NULL OR n.national_id IS NOT NULL AS has_more_than_phone
FROM named AS n
LEFT JOIN reference.generic_values AS placeholder
       ON placeholder.kind = 'birth_date' AND CAST(placeholder.value AS DATE) = n.birth_date
