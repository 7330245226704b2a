//! However the columns are called and cut, the same things are compared.

use super::*;

/// The rows of `people`: id, source, given and family name, birth date, phone.
fn rows() -> Vec<[String; 6]> {
    let records = people();
    let text = |row: usize, column: usize| {
        let column = records.column(column).as_any().downcast_ref::<StringArray>().expect("texts");
        if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
    };
    (0..records.num_rows()).map(|row| std::array::from_fn(|column| text(row, column))).collect()
}

/// Year, month and day of a date.
fn parts(born: &str) -> [&str; 3] {
    [&born[..4], &born[5..7], &born[8..]]
}

fn assert_found(records: &RecordBatch) {
    let linkage = link(records, &settings(2)).expect("links");
    let (right, wrong) = pairs(records, &linkage);
    assert!(
        right >= 196 && wrong <= 2,
        "of 200 pairs {right} are found, and {wrong} that are none: {:?}",
        linkage.kinds
    );
}

#[test]
fn files_with_column_names_of_their_own_are_compared_with_each_other() {
    let own = |row: [String; 6]| {
        let [id, _, given, family, born, phone] = row;
        let nothing = || vec![String::new(); 4];
        let [year, month, day] = parts(&born);
        let (source, columns) = if id.ends_with('a') {
            ("crm", [vec![given, family, format!("{day}/{month}/{year}"), phone], nothing()])
        } else {
            ("shop", [nothing(), vec![given, family, format!("{month}/{day}/{year}"), phone]])
        };
        [vec![id, source.to_owned()], columns.concat()].concat()
    };
    let columns = [
        "record_id",
        "source",
        "prenume",
        "nume",
        "data nasterii",
        "telefon",
        "first name",
        "surname",
        "dob",
        "mobile",
    ];
    assert_found(&table(&columns, &rows().into_iter().map(own).collect::<Vec<_>>()));
}

#[test]
fn each_source_writes_dates_in_its_own_order() {
    let own = |row: [String; 6]| {
        let [id, _, given, family, born, phone] = row;
        let [year, month, day] = parts(&born);
        let (source, born) = if id.ends_with('a') {
            ("crm", format!("{day}/{month}/{year}"))
        } else {
            ("shop", format!("{month}/{day}/{year}"))
        };
        vec![id, source.to_owned(), given, family, born, phone]
    };
    let columns = ["record_id", "source", "first name", "surname", "dob", "phone"];
    let records = table(&columns, &rows().into_iter().map(own).collect::<Vec<_>>());
    assert_found(&records);
    let explain = Some(["p000a".to_owned(), "p000b".to_owned()]);
    let waterfall =
        link(&records, &Settings { explain, ..settings(1) }).expect("links").waterfall.expect("was asked for");
    let born = waterfall.steps.iter().find(|step| step.comparison == "dob").expect("a birth date");
    assert_eq!((born.level, &*born.left, &*born.right), ("exact", "19300101", "19300101"));
}

/// People of whom every second has married since, under another name, and has a further number.
fn married(phones: &dyn Fn(&str, &str) -> Vec<String>, columns: &[&str]) -> RecordBatch {
    let own = |(at, row): (usize, [String; 6])| {
        let [id, source, given, family, _, _] = row;
        let n: usize = id[1..4].parse().expect("a number");
        let phone = |n: usize| format!("07{:08}", n * 104_729 % 100_000_000);
        let is_second = id.ends_with('b');
        let given = if is_second { given.trim_end_matches('x').to_owned() } else { given };
        let family = if is_second { FAMILY[(at * 7 + 3) % 20].to_owned() } else { family };
        let phones = if is_second { phones(&phone(n + 1000), &phone(n)) } else { phones(&phone(n), "") };
        [vec![id, source, given, family], phones].concat()
    };
    let rows: Vec<_> = rows().into_iter().enumerate().map(own).collect();
    table(&[&["record_id", "source", "first name", "surname"], columns].concat(), &rows)
}

#[test]
fn each_of_several_numbers_is_held_against_each() {
    let in_columns = married(&|one, other| vec![one.to_owned(), other.to_owned()], &["phone", "mobile"]);
    let in_cells = married(&|one, other| vec![format!("{one}; {other}")], &["phones"]);
    for records in [in_columns, in_cells] {
        assert_found(&records);
        let explain = Some(["p000a".to_owned(), "p000b".to_owned()]);
        let linkage = link(&records, &Settings { explain, ..settings(1) }).expect("links");
        let steps = linkage.waterfall.expect("was asked for").steps;
        let phone = steps.iter().find(|step| step.comparison.contains("phone")).expect("a phone");
        assert_eq!((phone.level, &*phone.right), ("exact", "700000000;704729000"));
    }
}

#[test]
fn somebodys_own_records_do_not_make_the_name_a_common_one() {
    let mut rows = Vec::new();
    for n in 0..50_usize {
        for letter in ['a', 'b', 'c', 'd', 'e'] {
            // Each phone is in two records.
            let at = n * 3 + (letter as usize - 'a' as usize) / 2;
            let phone = format!("07{:08}", at * 104_729 % 100_000_000);
            let town = ["Cluj", "Iasi", "Arad", "Brasov", "Sibiu"][n % 5];
            rows.push(vec![
                format!("p{n:03}{letter}"),
                "crm".to_owned(),
                GIVEN[n * 7 % 24].to_owned(),
                format!("{}{}", FAMILY[n % 20], ["", "escu", "oiu"][n / 20]),
                town.to_owned(),
                phone,
            ]);
        }
    }
    let records = table(&["record_id", "source", "first name", "surname", "city", "phone"], &rows);
    let (right, wrong) = pairs(&records, &link(&records, &settings(2)).expect("links"));
    assert!(right >= 480 && wrong == 0, "of 500 pairs {right} are found, and {wrong} that are none");
}

#[test]
fn ages_are_years_of_birth_where_it_is_known_when_they_were() {
    let columns = ["record_id", "source", "prenume", "nume", "age", "census"];
    let own = |row: [String; 6]| {
        let [id, source, given, family, born, _] = row;
        let census = if id.ends_with('a') { 2010 } else { 2020 };
        let age = census - born[..4].parse::<i32>().expect("a year");
        vec![id, source, given, family, age.to_string(), census.to_string()]
    };
    let records = table(&columns, &rows().into_iter().map(own).collect::<Vec<_>>());
    let linkage = link(&records, &settings(2)).expect("links");
    let kind = |name: &str| linkage.kinds.iter().find(|(column, _)| column == name).map(|(_, kind)| &kind[..]);
    assert_eq!([kind("age"), kind("year of birth by age")], [Some("nothing"), Some("birth date")]);
    let (right, wrong) = pairs(&records, &linkage);
    assert!(right >= 150 && wrong <= 20, "of 200 pairs {right} are found, and {wrong} that are none");
}

#[test]
fn ages_fill_in_what_a_list_does_not_say() {
    let columns = ["record_id", "source", "lnm", "fnm", "yob", "age"];
    let own = |row: [String; 6]| {
        let [id, _, given, family, born, _] = row;
        let (list, year) = if id.ends_with('a') { ("snap2012", 2012) } else { ("snap2022", 2022) };
        let born: i32 = born[..4].parse().expect("a year");
        // The earlier list has ages only.
        let said = if year == 2012 { String::new() } else { born.to_string() };
        // Half of them have their birthday later in the year.
        let age = year - born - i32::from(id[1..4].parse::<usize>().is_ok_and(|person| person / 2 % 2 == 0));
        vec![id, list.into(), family, given, said, age.to_string()]
    };
    let records = table(&columns, &rows().into_iter().map(own).collect::<Vec<_>>());
    let linkage = link(&records, &settings(2)).expect("links");
    let (right, wrong) = pairs(&records, &linkage);
    // A year may be missed by one, and then names alone say little.
    assert!(right >= 95 && wrong <= 5, "of 200 pairs {right} are found, and {wrong} that are none");
}

#[test]
fn accounts_of_several_files_are_one_column() {
    let columns = ["record_id", "source", "NAME1", "IBAN", "supplier", "pay_to_iban"];
    let own = |(n, row): (usize, [String; 6])| {
        let [id, _, given, family, ..] = row;
        let person: usize = id[1..4].parse().expect("a number");
        let account = format!("AE{:02}{:019}", person % 97, person * 7_919_104_729);
        let name = format!("{family} {given} Trading");
        match n % 2 {
            0 => vec![id, "erp".into(), name, account, String::new(), String::new()],
            _ => vec![id, "invoices".into(), String::new(), String::new(), name.to_uppercase(), account],
        }
    };
    let of_two = |row: &[String; 6]| row[0][1..4].parse::<usize>().is_ok_and(|person| person.is_multiple_of(2));
    let rows: Vec<_> = rows().into_iter().filter(of_two).enumerate().map(own).collect();
    let records = table(&columns, &rows);
    let linkage = link(&records, &settings(2)).expect("links");
    let (right, wrong) = pairs(&records, &linkage);
    assert!(
        right >= 196 && wrong == 0,
        "of 200 pairs {right} are found, and {wrong} that are none: {:?}",
        linkage.kinds
    );
}

#[test]
fn characters_are_read_as_kana_beside_them_say() {
    let (family, read) =
        (["田中", "福田", "山本", "橋本", "鈴木"], ["タナカ", "フクタ", "ヤマモト", "ハシモト", "スズキ"]);
    let (given, given_read) = (["優子", "由美子", "誠", "美紀"], ["ユウコ", "ユミコ", "マコト", "ミキ"]);
    let mut records = Vec::new();
    for n in 0..200_usize {
        let (f, g) = (n % 5, n / 5 % 4);
        let phone = format!("080{:08}", n * 104_729 % 100_000_000);
        let row = |letter: char, names: [&str; 2]| {
            let names = [names[0], names[1], read[f], given_read[g]].map(str::to_owned);
            [vec![format!("p{n:03}{letter}"), "shop".to_owned()], names.to_vec(), vec![phone.clone()]].concat()
        };
        records.push(row('a', [family[f], given[g]]));
        // Who takes orders by phone writes what is heard, and some write all of it into one field.
        let other = match n % 4 {
            0 => [read[f].to_owned(), given_read[g].to_owned()],
            1 => [format!("{}{}", family[f], given[g]), String::new()],
            _ => continue,
        };
        records.push(row('b', [&other[0], &other[1]]));
    }
    let records = table(&["record_id", "source", "姓", "名", "セイ", "メイ", "電話番号"], &records);
    let (right, wrong) = pairs(&records, &link(&records, &settings(2)).expect("links"));
    assert!(right >= 95 && wrong == 0, "of 100 pairs {right} are found, and {wrong} that are none");
}
