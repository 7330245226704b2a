-- Contact records, with what tells two records of one person from records of two.
--
-- One row: one record of clean.contacts. Names are folded. A name in Latin letters goes to `latin_name`, its words in
-- order of the alphabet, because Trần Thanh Liên and Thanh Lien Tran are one; one in another script to `native_name`,
-- family name first and without spaces, because 王小明 and Wang Xiaoming cannot be compared letter by letter. A full name
-- without parts is split by what its first and last word are among the other contacts (match.names): An is a given name
-- and Nguyễn a family name, so that Nguyễn Văn An is An; in doubt the given name comes first. `name_at_home` is the
-- postcode, the numbers of the address and the name, the same for `Flat 51, 126 West Road` and `51/126 West Rd`.
-- Placeholder birth dates say nothing and are left out.
--
-- key: record_id
WITH folded AS (
    SELECT record_id, source, birth_date, postcode, national_id,
           email IS NOT NULL OR loyalty_id IS NOT NULL OR national_id IS NOT NULL AS has_more_than_phone,
           trim(regexp_replace(street, '[^0-9]+', ' ', 'g')) AS house_numbers,
           fold_name(given_name) AS given_name,
           CASE WHEN given_name IS NULL THEN fold_name(full_name) END AS full_name,
           CASE WHEN given_name IS NULL THEN fold_name(full_name)
                ELSE fold_name(concat_ws(' ', family_name, given_name)) END AS name
    FROM clean.contacts
), worded AS (
    SELECT f.record_id, f.source, f.birth_date, f.postcode, f.national_id, f.has_more_than_phone, f.house_numbers,
           f.name,
           bit_length(f.name) = 8 * length(f.name) AS is_latin,
           CASE WHEN f.full_name IS NULL THEN f.given_name
                WHEN (coalesce(last_word.as_given, 0) + 1) * (coalesce(first_word.as_family, 0) + 1)
                     > (coalesce(first_word.as_given, 0) + 1) * (coalesce(last_word.as_family, 0) + 1)
                THEN split_part(f.full_name, ' ', -1)
                ELSE split_part(f.full_name, ' ', 1) END AS given_name
    FROM folded AS f
    LEFT JOIN match.names AS first_word ON first_word.word = split_part(f.full_name, ' ', 1)
    LEFT JOIN match.names AS last_word ON last_word.word = split_part(f.full_name, ' ', -1)
), named AS (
    SELECT record_id, source, birth_date, postcode, national_id, has_more_than_phone, house_numbers,
           CASE WHEN is_latin THEN given_name END AS given_name,
           CASE WHEN is_latin THEN array_to_string(array_sort(string_to_array(name, ' ')), ' ') END AS latin_name,
           CASE WHEN NOT is_latin THEN replace(name, ' ', '') END AS native_name
    FROM worded
)
SELECT n.record_id, n.source, true AS is_contact, true AS is_person, false AS is_shared,
       n.latin_name, n.native_name, n.given_name,
       CASE WHEN placeholder.value IS NULL THEN n.birth_date END AS birth_date,
       n.national_id,
       CASE WHEN n.house_numbers <> '' AND n.postcode IS NOT NULL AND coalesce(n.latin_name, n.native_name) IS NOT NULL
            THEN concat(n.postcode, ' ', n.house_numbers, ' ', n.latin_name, n.native_name) END AS name_at_home,
       n.has_more_than_phone
FROM named AS n
LEFT JOIN reference.generic_values AS placeholder
       ON placeholder.kind = 'birth_date' AND CAST(placeholder.value AS DATE) = n.birth_date
