//! Who is who, from a source to its customers: values that one person shows often, and values that many people share.

use crate::support::Shop;

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2026-06-30\n[sources.guests]\npath = \"guests.csv\"\n";
const CONTACTS: &str = "-- What guests typed into the checkout.
-- key: record_id
SELECT concat('guests:', order_no) AS record_id, 'guests' AS source, name AS full_name, email, phone FROM raw.guests
";

/// The hotline of a department store, which 500 people gave as theirs.
const HOTLINE: &str = "+40213100000";

const GIVEN: &str = "Ana Ion Maria Vasile Elena Radu Ioana Mihai Irina Dan Corina Paul Simona Victor Laura George Alina \
                     Sorin Diana Florin Monica Tudor Oana Petre Lidia";
const FAMILY: &str = "Popescu Stan Dumitru Gheorghe Rusu Matei Lungu Serban Toma Vlad Barbu Cojocaru Neagu Sandu Ene \
                      Oprea Manea Voicu Tanase Bucur";

/// 500 orders of one guest, then 500 of guests whose names all differ.
fn shop() -> Shop {
    let mut csv = "order_no,name,email,phone\n".to_owned();
    for order in 1..=500 {
        csv.push_str(&format!("A{order:03},Ana Pop,ana.pop@example.org,+40721000111\n"));
    }
    for (order, name) in
        GIVEN.split(' ').flat_map(|given| FAMILY.split(' ').map(move |family| format!("{given} {family}"))).enumerate()
    {
        csv.push_str(&format!("B{order:03},{name},,{HOTLINE}\n"));
    }
    Shop::new(CONFIG).write("guests.csv", csv).write("sql/clean/contacts.guests.sql", CONTACTS)
}

const CUSTOMERS: &str = "SELECT r.is_ana, count(DISTINCT i.customer_id) AS customers, count(*) AS records
    FROM match.identities AS i
    JOIN (SELECT record_id, latin_name = 'ana pop' AS is_ana FROM match.records) AS r ON r.record_id = i.record_id
    GROUP BY r.is_ana ORDER BY r.is_ana DESC";
const REPORT: &str = "SELECT kind, records, action FROM match.block_report ORDER BY kind";

#[test]
fn five_hundred_orders_are_one_guest_and_five_hundred_names_on_one_phone_are_not() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.rows(CUSTOMERS), ["true,1,500", "false,500,500"]);
    assert_eq!(shop.rows(REPORT), Vec::<String>::new());
}

const PAPERS: &str = "-- People who showed their papers, and some who did not.
-- key: record_id
SELECT concat('guests:', no) AS record_id, 'guests' AS source, name AS full_name, email, phone, id AS national_id
FROM raw.guests
";

/// Which records are one customer: each customer's records in a line, ordered.
fn customers(rows: &str) -> Vec<String> {
    let shop = Shop::new(CONFIG)
        .write("guests.csv", format!("no,name,email,phone,id\n{rows}"))
        .write("sql/clean/contacts.guests.sql", PAPERS);
    shop.run(&["refresh"]).ok();
    shop.rows(
        "SELECT string_agg(split_part(record_id, ':', 2), ' ' ORDER BY record_id) AS records
         FROM match.identities GROUP BY customer_id ORDER BY records",
    )
}

#[test]
fn one_national_id_is_one_person_after_a_wedding_and_in_another_script() {
    let rows = "A1,Ana Pop,ana.pop@example.org,,2900101534567\n\
                A2,Ana Ionescu,a.ionescu@example.net,+40721000111,2900101534567\n\
                B1,苏超鹏,,,900001197503131353\n\
                B2,Chaopeng Su,,,900001197503131353\n\
                C1,John Smith,,,QQ000001A\n\
                C2,Mary Smith,,,QQ000001A\n";
    assert_eq!(customers(rows), ["A1 A2", "B1 B2", "C1", "C2"]);
}

#[test]
fn two_national_ids_are_two_people_whatever_they_share() {
    // Fathers and sons: one name, one phone, one e-mail address. Without two papers nobody can tell them from one man.
    let rows = "A1,John Smith,smiths@example.org,+447400123456,QQ000001A\n\
                A2,John Smith,smiths@example.org,+447400123456,QQ000002A\n\
                B1,Paul Brown,browns@example.org,+447400123457,QQ000003A\n\
                B2,Paul Brown,browns@example.org,+447400123457,\n\
                C1,Mark Green,greens@example.org,+447400123458,\n\
                C2,Mark Green,greens@example.org,+447400123458,\n";
    assert_eq!(customers(rows), ["A1", "A2", "B1 B2", "C1 C2"]);
}

#[test]
fn what_the_safety_net_cuts_is_reported() {
    let shop = shop().write("onefold.toml", format!("{CONFIG}[match]\nblock_records_max = 499\n"));
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.rows(CUSTOMERS), ["true,500,500", "false,500,500"]);
    assert_eq!(shop.rows(REPORT), ["email,500,too_large", "phone,500,too_large"]);
}
