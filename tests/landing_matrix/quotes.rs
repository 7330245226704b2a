//! Unbalanced quotes: the damage is the record that has them, and what may be text of its fields never becomes rows.

use super::{land, shop};

const ROWS: &str = "SELECT id, name, city, _line FROM raw.crm ORDER BY _line";
const BAD: &str = "SELECT line, byte_offset, reason FROM quarantine.crm ORDER BY line";

/// The records behind the header `id,name,city`, the rows that must land, and what must be quarantined.
const GOLDEN: [(&str, &str, &[&str], &[&str]); 18] = [
    (
        "opens, never closes",
        "1,Ana,Rome\n2,\"Bo,Bonn\n3,Cy,Ulm\n",
        &["1,Ana,Rome,2", "3,Cy,Ulm,4"],
        &["3,24,unbalanced quote"],
    ),
    (
        "closes, never opened",
        "1,Bo\",Bonn\n2,Cy,Ulm\n",
        // A quote within an unquoted field is a character like any other.
        &["1,\"Bo\"\"\",Bonn,2", "2,Cy,Ulm,3"],
        &[],
    ),
    ("text behind the closing quote", "1,\"Bo\"by,Bonn\n2,Cy,Ulm\n", &["2,Cy,Ulm,3"], &["2,13,unbalanced quote"]),
    (
        "a quote within a quoted field that is not doubled",
        "1,\"Bo \"Bobby\" Lee\",Bonn\n2,Cy,Ulm\n",
        &["2,Cy,Ulm,3"],
        &["2,13,unbalanced quote"],
    ),
    (
        "two records that each open one",
        "1,\"Ana,Rome\n2,\"Bo,Bonn\n3,Cy,Ulm\n",
        &["3,Cy,Ulm,4"],
        &["2,13,unbalanced quote", "3,25,unbalanced quote"],
    ),
    (
        "an open quote before a field with a line break",
        "1,\"Ana,Rome\n2,\"Bo\nLee\",Bonn\n3,Cy,Ulm\n",
        &["2,\"Bo\nLee\",Bonn,3", "3,Cy,Ulm,5"],
        &["2,13,unbalanced quote"],
    ),
    (
        "closed by chance, records later, with a field too many",
        "1,\",Rome\n2,Bo,Bonn\n3,Al,Lyon\n4\",x,Ulm\n5,Di,Graz\n",
        &["2,Bo,Bonn,3", "3,Al,Lyon,4", "\"4\"\"\",x,Ulm,5", "5,Di,Graz,6"],
        &["2,13,4 fields instead of 3"],
    ),
    (
        "the same by a record that is damaged too",
        "1,\",Rome\n2,Bo,Bonn\n3,\",Ulm,4\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,4 fields instead of 3"],
    ),
    (
        "a field too many beside a field with what looks like a record",
        "1,\"a\nb,c,d\ne\",Rome,x\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,4 fields instead of 3"],
    ),
    (
        "the same, and the first line has all fields",
        "1,\"a, b, c\nb,c,d\ne\",Rome,x,y\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,5 fields instead of 3"],
    ),
    (
        "a field too many, and the last line has the right number",
        "1,\"a, b, c\nb\",Rome,x\n5,Di,Graz\n",
        &["5,Di,Graz,4"],
        &["2,13,4 fields instead of 3"],
    ),
    (
        "text behind a closing quote beside a field with what looks like a record",
        "1,\"Bo\"by,\"a\nb,c,d\ne\"\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,unbalanced quote"],
    ),
    (
        "a quote too many before a field with what looks like a record",
        "1,\"\"a\nb,c,d\ne\",Rome\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,unbalanced quote"],
    ),
    (
        "quotes within a field with what looks like a record",
        "1,\"said \"no\" a\nb,c,d\ne\",Rome\n5,Di,Graz\n",
        &["5,Di,Graz,5"],
        &["2,13,unbalanced quote"],
    ),
    (
        "the file is cut within a field with what looks like a record",
        "5,Di,Graz\n1,\"a\nb,c,d\ne",
        &["5,Di,Graz,2"],
        &["3,23,unbalanced quote", "4,28,behind an unbalanced quote", "5,34,behind an unbalanced quote"],
    ),
    (
        "a lost closing quote, and the next record has a quote within a field",
        "1,\"Lee, Bo,Rome\n2,5\" pipe,Ulm\n5,Di,Graz\n",
        &["2,\"5\"\" pipe\",Ulm,3", "5,Di,Graz,4"],
        &["2,13,unbalanced quote"],
    ),
    ("in the last record", "1,Ana,Rome\n2,\"Bo,Bonn", &["1,Ana,Rome,2"], &["3,24,unbalanced quote"]),
    (
        "quotes alone",
        "1,Ana,Rome\n\"\n\"\"\"\n3,Cy,Ulm\n",
        &["1,Ana,Rome,2", "3,Cy,Ulm,5"],
        &["3,24,1 fields instead of 3"],
    ),
];

#[test]
fn the_damage_is_one_record() {
    let shop = shop("quarantine_percent_max = 100.0");
    for (what, text, landed, quarantined) in GOLDEN {
        shop.put("in/a.csv", format!("id,name,city\n{text}"));
        land(&shop);
        assert_eq!(shop.rows(ROWS).join("\n"), landed.join("\n"), "{what}");
        if !quarantined.is_empty() {
            assert_eq!(shop.rows(BAD), quarantined, "{what}");
        }
    }
}

#[test]
fn a_damaged_record_is_in_quarantine_with_all_its_lines() {
    let shop = shop("quarantine_percent_max = 100.0");
    shop.put("in/a.csv", "id,name,note,city\n1,Ana,\"a\nb,c,d,e\nf\",Rome,extra\n2,Bo,,Ulm\n");
    land(&shop);
    assert_eq!(shop.rows("SELECT id, name FROM raw.crm"), ["2,Bo"]);
    let raw = shop.rows("SELECT replace(raw, chr(10), '/'), reason FROM quarantine.crm");
    assert_eq!(raw, ["\"1,Ana,\"\"a/b,c,d,e/f\"\",Rome,extra\",5 fields instead of 4"]);
}

#[test]
fn amid_megabytes_the_damage_is_one_record() {
    let line = |id: usize| match id {
        70_000 => "70000,\"open,Ulm\n".to_owned(),
        _ => format!("{id},\"Nguyễn, {id}\",Rome\n"),
    };
    let text: String = (0..150_000).map(line).collect();
    assert!(text.len() > 3 << 20);
    let shop = shop("").write("in/a.csv", format!("id,name,city\n{text}"));
    let report = land(&shop);
    let counts =
        ["rows_read", "rows_landed", "rows_quarantined"].map(|name| report["sources"][0][name].as_u64().unwrap());
    assert_eq!(counts, [150_000, 149_999, 1]);
    assert_eq!(shop.rows(BAD)[0].split(',').next(), Some("70002"));
}
