-- Contact records, with what tells two records of one person from records of two.
--
-- One row: one record of clean.contacts. Names are folded, and what stands for no name, such as NULL or n/a, is none.
-- A name in Latin letters goes to `latin_name`, its words in order of the alphabet, because Trần Thanh Liên and Thanh
-- Lien Tran are one; one in another script to `native_name`, family name first and without spaces, because 王小明 and
-- Wang Xiaoming cannot be compared letter by letter. A full name without parts is split by what its first and last
-- word are among the other contacts (match.names): An is a given name and Nguyễn a family name, so that Nguyễn Văn An
-- is An; in doubt the given name comes first. Only in Han, Kana and Hangul the shorter of two words is the family name
-- in doubt, and else the first: 敏丽 邓 is 邓敏丽. `name_at_home` is the postcode, the numbers of the address and the name,
-- the same for `Flat 51, 126 West Road` and `51/126 West Rd`. Birth dates that are placeholders or cannot be say nothing
-- and are left out.
--
-- key: record_id
WITH told AS (
    SELECT record_id, source, postcode, national_id, street,
           -- Nobody is born after somebody wrote it down.
           CASE WHEN birth_date >= DATE '1900-01-01'
                     AND (coalesce(created_at, updated_at) IS NULL OR birth_date < greatest(created_at, updated_at))
                THEN birth_date END AS birth_date,
           email IS NOT NULL OR loyalty_id IS NOT NULL OR national_id IS NOT NULL AS has_more_than_phone,
           normalize_name(given_name) AS given_name,
           normalize_name(family_name) AS family_name,
           normalize_name(full_name) AS full_name
    FROM clean.contacts
), folded AS (
    SELECT record_id, source, birth_date, postcode, national_id, has_more_than_phone,
           trim(regexp_replace(street, '[^0-9]+', ' ', 'g')) AS house_numbers,
           fold_name(given_name) AS given_name,
           CASE WHEN given_name IS NULL THEN fold_name(full_name) END AS full_name,
           CASE WHEN given_name IS NULL THEN fold_name(full_name)
                ELSE fold_name(concat_ws(' ', family_name, given_name)) END AS name
    FROM told
), worded AS (
    SELECT f.record_id, f.source, f.birth_date, f.postcode, f.national_id, f.has_more_than_phone, f.house_numbers,
           f.name, f.given_name, f.full_name,
           split_part(f.full_name, ' ', 1) AS first_word,
           split_part(f.full_name, ' ', -1) AS last_word,
           bit_length(f.name) = 8 * length(f.name) AS is_latin,
           f.name >= 'ぁ' AND f.name < chr(63744) AS is_han,
           (coalesce(last_word.as_given, 0) + 1) * (coalesce(first_word.as_family, 0) + 1) AS family_is_first,
           (coalesce(first_word.as_given, 0) + 1) * (coalesce(last_word.as_family, 0) + 1) AS given_is_first
    FROM folded AS f
    LEFT JOIN match.names AS first_word ON first_word.word = split_part(f.full_name, ' ', 1)
    LEFT JOIN match.names AS last_word ON last_word.word = split_part(f.full_name, ' ', -1)
), named AS (
    SELECT record_id, source, birth_date, postcode, national_id, has_more_than_phone, house_numbers,
           CASE WHEN NOT is_latin THEN NULL
                WHEN full_name IS NULL THEN given_name
                WHEN family_is_first > given_is_first THEN last_word
                ELSE first_word END AS given_name,
           CASE WHEN is_latin THEN array_to_string(array_sort(string_to_array(name, ' ')), ' ') END AS latin_name,
           CASE WHEN is_latin THEN NULL
                WHEN full_name = concat(first_word, ' ', last_word)
                     AND (given_is_first > family_is_first
                          OR (given_is_first = family_is_first
                              AND (NOT is_han OR length(last_word) < length(first_word))))
                THEN concat(last_word, first_word)
                ELSE replace(name, ' ', '') END AS native_name
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
