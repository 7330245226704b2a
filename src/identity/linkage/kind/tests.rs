//! What columns are found to hold.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::super::table::Table;
use super::*;

/// The kinds of these columns, `rows` values each.
fn kinds(columns: &[(&str, &dyn Fn(usize) -> String)], rows: usize) -> Vec<&'static str> {
    let ids: ArrayRef = Arc::new((0..rows).map(|row| Some(format!("{row:05}"))).collect::<StringArray>());
    let column = |values: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..rows).map(|row| Some(values(row))).collect::<StringArray>())
    };
    let columns = columns.iter().map(|(name, values)| (*name, column(values)));
    let records = RecordBatch::try_from_iter([("record_id", ids)].into_iter().chain(columns)).expect("a table");
    let table = Table::read(&records, ["record_id", "source"], &[], 1).expect("reads");
    kinds_of(&table.columns, 1).kinds.into_iter().map(Kind::name).collect()
}

#[test]
fn three_columns_are_a_birth_date_if_their_years_lie_far_apart() {
    let (day, month) = (|row: usize| (1 + row * 11 % 28).to_string(), |row: usize| (1 + row * 7 % 12).to_string());
    let (born, expires) = (|row: usize| (1930 + row % 70).to_string(), |row: usize| (2024 + row % 6).to_string());
    let found = kinds(&[("by", &born), ("bm", &month), ("bd", &day)], 200);
    assert_eq!(found, ["birth date"; 3]);
    let found = kinds(&[("d", &day), ("m", &month), ("y", &expires)], 200);
    assert!(!found.contains(&"birth date"), "{found:?}");
    let found = kinds(&[("dob_day", &day), ("dob_month", &month), ("dob_year", &expires)], 200);
    assert_eq!(found, ["birth date"; 3], "a school's children are of few years");
    let found = kinds(&[("bd", &day), ("bm", &month), ("note", &|_| "x".into()), ("by", &born)], 200);
    assert!(!found.contains(&"birth date"), "not side by side: {found:?}");
}

#[test]
fn a_column_of_both_names_holds_whole_names() {
    let whole = |row: usize| format!("{} {}", ["Anna", "Jan", "Piotr"][row % 3], ["Nowak", "Lis", "Wilk"][row / 3 % 3]);
    for name in ["imie_nazwisko", "first_last", "nombre_apellidos", "vorname_nachname"] {
        assert_eq!(kinds(&[(name, &whole)], 60), ["whole name"], "{name}");
    }
}

#[test]
fn initials_are_the_given_name_where_there_is_none() {
    let given = |row: usize| ["Mark", "Femke", "J.A."][row % 3].to_owned();
    let family = |row: usize| ["van der Visser", "van Dijk", "de Bakker"][row / 3 % 3].to_owned();
    assert_eq!(kinds(&[("voorletters", &given), ("achternaam", &family)], 60), ["given name", "family name"]);
    let found = kinds(&[("voornaam", &given), ("voorletters", &given), ("achternaam", &family)], 60);
    assert_eq!(found, ["given name", "middle name", "family name"]);
}

#[test]
fn an_account_is_a_company_or_a_number() {
    let company = |row: usize| format!("{} Technik AB", ["Sol", "Hav", "Berg", "Skog"][row % 4]);
    let number = |row: usize| format!("{}", 400_100 + row / 2 * 37);
    assert_eq!(kinds(&[("Account", &company)], 60), ["company"]);
    let after_people = |row: usize| ["Lindberg Skog", "Svensson Hav", "Hansen Bygg", "Bergkonsult"][row % 4].to_owned();
    assert_eq!(kinds(&[("Account", &after_people)], 60), ["company"]);
    assert_eq!(kinds(&[("Account", &number)], 60), ["identifier"]);
}

#[test]
fn prezime_is_the_fathers_name_where_the_familys_stands_beside_it() {
    let given = |row: usize| ["Иван", "Мария", "Георги"][row % 3].to_owned();
    let other = |row: usize| ["Петров", "Иванов", "Димитров"][row / 3 % 3].to_owned();
    let found = kinds(&[("име", &given), ("презиме", &other), ("фамилия", &other)], 60);
    assert_eq!(found, ["given name", "middle name", "family name"]);
    assert_eq!(kinds(&[("ime", &given), ("prezime", &other)], 60), ["given name", "family name"]);
    // Another file has a family name under another name.
    let first = |row: usize| if row < 30 { other(row) } else { String::new() };
    let second = |row: usize| if row < 30 { String::new() } else { other(row) };
    let found = kinds(&[("ime", &given), ("prezime", &first), ("last_name", &second)], 60);
    assert_eq!(found, ["given name", "family name", "family name"]);
}

#[test]
fn numbers_filled_up_with_zeros_are_no_phones() {
    // Some are there twice, or they would tell nothing.
    let number = |row: usize| format!("0000{:06}", 100_200 + row / 2 * 37);
    let phone = |row: usize| format!("040{:07}", 1_100_200 + row / 2 * 3701);
    assert_eq!(kinds(&[("x", &number), ("y", &phone)], 60), ["identifier", "phone"]);
    assert_eq!(kinds(&[("telefon", &number)], 60), ["phone"], "unless it is said");
}

#[test]
fn dates_that_lie_a_life_apart_are_of_births() {
    let born = |row: usize| format!("19{:02}-{:02}-11", 30 + row % 70, 1 + row % 12);
    let recent = |row: usize| format!("202{}-{:02}-11", row % 4, 1 + row % 12);
    assert_eq!(kinds(&[("date", &born), ("datum", &recent)], 100), ["birth date", "date"]);
    assert_eq!(kinds(&[("created", &born), ("xyz", &born)], 100), ["date", "birth date"]);
}

#[test]
fn six_digits_are_a_birth_date_if_the_columns_name_says_so() {
    let short = |row: usize| format!("{:02}{:02}{:02}", 30 + row / 2 % 70, 1 + row / 4 % 12, 1 + row / 6 % 28);
    let mixed = |row: usize| if row.is_multiple_of(5) { format!("19{}", short(row)) } else { short(row) };
    let number = |row: usize| format!("{:06}", 100_000 + row / 2 * 7919 % 900_000);
    let columns: [(&str, &dyn Fn(usize) -> String); 4] =
        [("born", &short), ("syntymäaika", &mixed), ("customer no", &short), ("dob", &number)];
    assert_eq!(kinds(&columns, 300), ["birth date", "birth date", "identifier", "identifier"]);
}

#[test]
fn what_tells_fathers_from_sons_is_rare_or_says_so() {
    let rare =
        |row: usize| if row.is_multiple_of(9) { ["Jr", "III", "Sr."][row / 9 % 3].to_owned() } else { String::new() };
    let tier = |row: usize| ["II", "III", "IV"][row % 3].to_owned();
    assert_eq!(
        kinds(&[("x", &rare), ("tier", &tier), ("Suffix", &tier)], 90),
        ["generation", "category", "generation"]
    );
}

#[test]
fn a_number_that_no_two_rows_share_says_nothing_unless_a_state_gives_it() {
    let own = |row: usize| format!("{:08}", row * 104_729 % 100_000_000);
    let shared = |row: usize| format!("{:08}", row / 2 * 104_729 % 100_000_000);
    let columns: [(&str, &dyn Fn(usize) -> String); 3] = [("order no", &own), ("customer no", &shared), ("ssn", &own)];
    assert_eq!(kinds(&columns, 200), ["nothing", "identifier", "identifier"]);
}

#[test]
fn degrees_and_addresses_of_machines_are_no_phones_or_identifiers() {
    let degree = |row: usize| format!("{}{}.{:05}", ["", "-"][row % 2], 40 + row % 9, row * 104_729 % 100_000);
    let machine = |row: usize| format!("10.{}.{}.{}", row % 256, row * 7 % 256, row * 13 % 256);
    let phone = |row: usize| format!("0721.{:03}.{:03}", row / 2 % 1000, row / 2 * 7 % 1000);
    assert_eq!(kinds(&[("lat", &degree), ("ip", &machine), ("x", &phone)], 100), ["number", "number", "phone"]);
}

#[test]
fn names_of_organisations_are_no_names_of_people() {
    let shops = ["Corner Bakery", "First National Bank", "Smith & Sons Ltd", "Saint Mary School of Arts", "Citrus"];
    let people = ["Ana Popescu", "John Smith", "Maria Bank", "Church, Charlotte", "Paul School"];
    let of = |names: [&'static str; 5]| move |row: usize| format!("{}{}", names[row % 5], ["", "a", "e"][row % 3]);
    assert_eq!(kinds(&[("name", &of(shops))], 60), ["company"]);
    assert_eq!(kinds(&[("name", &of(people))], 60), ["whole name"]);
}

#[test]
fn where_names_are_said_to_be_words_that_happen_to_be_names_are_none() {
    let name = |row: usize| ["Ana Popescu", "Dan Stan", "John Smith", "Mary Jones"][row % 4].to_owned();
    // Two of five have a word that is somebody's name, too.
    let project = |row: usize| format!("{} phase", ["first", "second", "third", "john", "mary"][row % 5]);
    let pad = |row: usize| format!("{}{}", project(row), ["", "a", "b", "c"][row % 4]);
    assert_eq!(kinds(&[("project", &pad)], 60), ["whole name"]);
    assert_eq!(kinds(&[("name", &name), ("project", &pad)], 60), ["whole name", "text"]);
}

#[test]
fn a_customer_is_a_number_or_a_name() {
    let number = |row: usize| format!("K{:05}", row / 2);
    let name =
        |row: usize| format!("{} {}", ["Ana", "Dan", "John", "Mary"][row % 4], ["Stan", "Smith", "Jones"][row % 3]);
    let foreign = |row: usize| {
        let letter = |of: usize| char::from(b'a' + (row % of) as u8);
        format!("Fjodzu{} Xerquil{}", letter(9), letter(7))
    };
    let columns: [(&str, &dyn Fn(usize) -> String); 3] =
        [("customer", &number), ("customer name", &name), ("client", &foreign)];
    assert_eq!(kinds(&columns, 60), ["identifier", "whole name", "whole name"]);
}

#[test]
fn names_of_columns_are_read_as_they_are_meant() {
    let name = |row: usize| format!("{} Popescu{}", ["Ana", "Ion", "Maria"][row % 3], row % 40);
    let phones = |row: usize| format!("07{:08}; 07{:08}", row * 104_729, row * 7919);
    let emails = |row: usize| format!("a{row}@example.org, b{row}@example.org");
    let other = |row: usize| format!("C{:06}", row / 3 * 7919);
    let columns: [(&str, &dyn Fn(usize) -> String); 5] = [
        ("customer_name", &name),
        ("phones", &phones),
        ("emails", &emails),
        ("parent_id", &other),
        ("house no", &|row| (row % 90).to_string()),
    ];
    assert_eq!(kinds(&columns, 200), ["whole name", "phone", "e-mail", "group", "address"]);
}

#[test]
fn columns_are_called_by_other_names_in_other_languages_and_cut_short() {
    let born = |row: usize| format!("{}.{:02}.19{:02}", 1 + row % 28, 1 + row % 12, 30 + row % 70);
    let digits = |row: usize| format!("19{:02}{:02}{:02}", 30 + row % 70, 1 + row % 12, 1 + row % 28);
    let name = |row: usize| format!("{} {}", ["Ana", "Dan", "Mia"][row % 3], ["Holst", "Dahl", "Skov"][row % 3]);
    let number = |row: usize| format!("{:08}", row / 2 * 104_729 % 100_000_000);
    for column in ["data_nasc", "Дата народж.", "생년월일", "fødselsdato", "Dogum Tarihi", "วันเกิด"]
    {
        assert_eq!(kinds(&[(column, &born)], 60), ["birth date"], "{column}");
        assert_eq!(kinds(&[(column, &digits)], 60), ["birth date"], "{column}");
    }
    for column in ["KUNDENAVN", "고객명", "ПІБ", "ονοματεπώνυμο", "Ad Soyad", "フリガナ"] {
        assert_eq!(kinds(&[(column, &name)], 60), ["whole name"], "{column}");
    }
    for column in ["SIRET", "ІПН", "TC Kimlik No", "personnummer"] {
        assert_eq!(kinds(&[(column, &number)], 60), ["identifier"], "{column}");
    }
    assert_eq!(
        kinds(&[("KU_TLF", &number), ("date", &born), ("PIN_CD", &|row| (10_000 + row * 7).to_string())], 60),
        ["phone", "birth date", "postcode"]
    );
}

#[test]
fn who_answers_the_phone_is_not_the_company() {
    let company = |row: usize| format!("Werk {}{} GmbH", ["Nord", "Süd"][row % 2], ["a", "e", "i", "o", "u"][row % 5]);
    let person = |row: usize| ["Ana Stan", "", "", "Dan Smith", "Mia Jones", "", "Tom Rusu"][row % 7].to_owned();
    let named = |row: usize| ["Ana Stan", "Dan Smith", "Mia Jones", "Tom Rusu", "Eva Brown"][row % 5].to_owned();
    assert_eq!(kinds(&[("firma", &company), ("contact", &person)], 60), ["company", "text"]);
    assert_eq!(kinds(&[("firma", &company), ("contact", &named)], 60), ["company", "whole name"]);
}

#[test]
fn titles_say_of_which_sex_somebody_is_where_nothing_else_does() {
    let title = |row: usize| ["Mevr.", "Dhr.", "Mevrouw", "De heer", "Dr."][row % 5].to_owned();
    let sex = |row: usize| ["m", "f"][row % 2].to_owned();
    assert_eq!(kinds(&[("Aanhef", &title)], 200), ["sex"]);
    assert_eq!(kinds(&[("Aanhef", &title), ("sex", &sex)], 200), ["category", "sex"]);
}

#[test]
fn a_fathers_name_is_not_somebodys_own() {
    let name = |row: usize| {
        format!("{} {}", ["Ana", "Dan", "Mia"][row % 3], ["Stan", "Smith", "Rusu", "Jones", "Brown"][row % 5])
    };
    assert_eq!(kinds(&[("NM", &name), ("FATH_HUSB_NM", &name)], 60), ["whole name", "text"]);
}

#[test]
fn where_goods_are_sent_is_not_where_somebody_lives() {
    let family = |row: usize| ["Hofer", "Meier", "Maurer", "Weber", "Keller"][row % 5].to_owned();
    let street = |row: usize| format!("Seestrasse {}", 1 + row % 90);
    let zip = |row: usize| (6000 + row * 37 % 900).to_string();
    let found = kinds(
        &[
            ("billLastName", &family),
            ("billStreet", &street),
            ("billZip", &zip),
            ("shipLastName", &family),
            ("Lieferstrasse", &street),
            ("delivery_postcode", &zip),
        ],
        200,
    );
    assert_eq!(found, ["family name", "address", "postcode", "nothing", "nothing", "nothing"]);
    let found = kinds(&[("shipLastName", &family), ("shipStreet", &street), ("shipZip", &zip)], 200);
    assert_eq!(found, ["family name", "address", "postcode"], "where nothing else says it");
    // Two files, of which one only knows where goods go.
    let of = |is_first: bool, text: String, row: usize| if (row < 100) == is_first { text } else { String::new() };
    let (first, second) = (|row: usize| of(true, street(row), row), |row: usize| of(false, street(row), row));
    let found = kinds(&[("street", &first), ("delivery street", &second)], 200);
    assert_eq!(found, ["address"; 2], "no row has both");
}

#[test]
fn of_two_places_the_one_that_is_filled_most_counts() {
    let street = |row: usize| format!("{} Mill Lane", 1 + row % 90);
    let rare = |row: usize| if row.is_multiple_of(3) { street(row) } else { String::new() };
    let city = |row: usize| ["London", "Leeds", "Derby"][row % 3].to_owned();
    let columns: [(&str, &dyn Fn(usize) -> String); 4] =
        [("OtherStreet", &rare), ("OtherCity", &city), ("MailingStreet", &street), ("MailingCity", &city)];
    assert_eq!(kinds(&columns, 200), ["nothing", "nothing", "address", "city"]);
    let columns: [(&str, &dyn Fn(usize) -> String); 3] =
        [("street", &street), ("street2", &|row| format!("Flat {}", row % 9)), ("city", &city)];
    assert_eq!(kinds(&columns, 200), ["address", "address", "city"]);
}

#[test]
fn of_a_guardian_and_a_child_whoever_is_named_first_is_meant() {
    let name = |row: usize| {
        format!("{} {}", ["Anna", "Peter", "John", "Maria"][row % 4], ["Smith", "Brown", "Taylor"][row % 3])
    };
    let child = |row: usize| name(row * 5 + 1);
    let all = |columns: &[&str]| {
        let values =
            |column: &str| -> &dyn Fn(usize) -> String { if column.contains("tudent") { &child } else { &name } };
        kinds(&columns.iter().map(|column| (*column, values(column))).collect::<Vec<_>>(), 120)
    };
    assert_eq!(all(&["guardianName", "studentName"]), ["whole name", "text"]);
    assert_eq!(all(&["student_name", "guardian_name"]), ["whole name", "text"]);
    assert_eq!(all(&["mother's name", "name"]), ["text", "whole name"]);
    assert_eq!(all(&["anyja_neve", "nev"]), ["text", "whole name"]);
}

#[test]
fn a_character_that_is_a_word_is_part_of_other_words() {
    let family = |row: usize| ["田中", "福田", "山本", "橋本"][row % 4].to_owned();
    let given = |row: usize| ["優子", "由美子", "誠", "美紀"][row % 4].to_owned();
    let town = |row: usize| ["西船", "菊名", "戸塚", "町名"][row % 4].to_owned();
    let found = kinds(&[("姓", &family), ("名", &given), ("町名", &town), ("名カナ", &given)], 80);
    assert_eq!(found, ["family name", "given name", "address", "given name"]);
}
