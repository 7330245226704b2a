//! Who is who, from a source to its customers: values that one person shows often, and values that many people share.

use std::path::{Path, PathBuf};

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

/// A father and a son with one e-mail address who gave no birth date, and a woman who married.
const FAMILY_ROWS: &str = "\
A1,John Smith,smiths@example.org,,\n\
A2,John Smith,smiths@example.org,,\n\
A3,John Smith,smiths@example.org,+447400123456,\n\
B1,Ana Pop,ana@example.org,,\n\
B2,Ana Ionescu,,+40721000111,\n";

fn family() -> Shop {
    let shop = Shop::new(CONFIG)
        .write("guests.csv", format!("no,name,email,phone,id\n{FAMILY_ROWS}"))
        .write("sql/clean/contacts.guests.sql", PAPERS);
    shop.run(&["refresh"]).ok();
    shop
}

/// The output of `onefold … --json`.
fn json_of(shop: &Shop, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&shop.run(&[args, &["--json"]].concat()).ok().stdout).unwrap()
}

/// All files below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// The customers of a shop, each a line of its records.
fn lines(shop: &Shop) -> Vec<String> {
    shop.rows(
        "SELECT string_agg(split_part(record_id, ':', 2), ' ' ORDER BY record_id) AS records
         FROM match.identities GROUP BY customer_id ORDER BY records",
    )
}

#[test]
fn what_a_person_decides_holds_in_every_later_run_and_everything_follows() {
    let shop = family();
    assert_eq!(lines(&shop), ["A1 A2 A3", "B1", "B2"]);
    let ana = shop.value("SELECT customer_id FROM match.identities WHERE record_id = 'guests:B1'");

    shop.run(&["match", "link", "B1", "guests:B2", "--note", "married"]).ok();
    assert_eq!(lines(&shop), ["A1 A2 A3", "B1", "B2"], "a decision is for the next run");
    shop.run(&["run"]).ok();
    assert_eq!(lines(&shop), ["A1 A2 A3", "B1 B2"]);
    let records = "SELECT c.records FROM profile.customers AS c
        JOIN match.identities AS i ON i.customer_id = c.customer_id WHERE i.record_id = 'guests:B1'";
    assert_eq!(shop.value(records), "2");
    assert!(shop.run(&["customer", &ana]).ok().stdout.contains("guests:B2"), "her former id leads to her");
    let decided = "SELECT left_record, right_record, decision, note FROM match.overrides ORDER BY 1";
    assert_eq!(shop.rows(decided), ["guests:B1,guests:B2,link,married"]);

    shop.run(&["match", "unlink", "A2", "A1"]).ok();
    shop.run(&["run"]).ok();
    let split = lines(&shop);
    assert_eq!(split.len(), 3, "{split:?}");
    assert!(!split.iter().any(|line| line.contains("A1") && line.contains("A2")), "{split:?}");
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "3");
    // New data, an all-new computation, an older date: the split sticks.
    shop.put("guests.csv", format!("no,name,email,phone,id\n{FAMILY_ROWS}C1,Dan Rus,dan@example.org,,\n"));
    shop.run(&["refresh", "--force"]).ok();
    assert_eq!(lines(&shop).len(), 4);
    assert!(!lines(&shop).iter().any(|line| line.contains("A1") && line.contains("A2")));

    shop.run(&["match", "forget", "A1", "A2"]).ok();
    shop.run(&["run"]).ok();
    assert_eq!(lines(&shop), ["A1 A2 A3", "B1 B2", "C1"]);
    shop.run(&["match", "forget", "A1", "A2"]).fails(2, &["nobody has decided anything"]);
}

#[test]
fn a_decision_names_records_that_there_are() {
    let shop = family();
    for (args, message) in
        [(["A1", "A1"], "`guests:A1` is one record"), (["A1", "guests:Z9"], "there is no record `guests:Z9`")]
    {
        shop.run(&[&["match", "link"], &args[..]].concat()).fails(2, &[message]);
    }
    assert_eq!(shop.rows("SELECT * FROM match.overrides"), Vec::<String>::new());
}

#[test]
fn explain_says_what_holds_records_together_and_what_keeps_them_apart() {
    let shop = family();
    let together = shop.run(&["match", "explain", "A1", "A3"]).ok().stdout;
    assert!(together.contains("guests:A1 and guests:A3 are one customer"), "{together}");
    assert!(together.contains("smiths@example.org"), "{together}");
    let customer = shop.run(&["match", "explain", "guests:A2"]).ok().stdout;
    for part in ["3 records", "John Smith", "What holds them together", "smiths@example.org"] {
        assert!(customer.contains(part), "{customer}");
    }
    let apart = shop.run(&["match", "explain", "A1", "B1"]).ok().stdout;
    assert!(apart.contains("are two customers") && apart.contains("no identifier in common"), "{apart}");
    let mut record = json_of(&shop, &["match", "explain", "B1"]);
    assert_eq!(record["records"][0]["email"].take(), "ana@example.org");
    assert_eq!(record["links"], serde_json::json!([]));

    shop.run(&["match", "unlink", "A1", "A3", "--note", "father and son"]).ok();
    shop.run(&["run"]).ok();
    let apart = shop.run(&["match", "explain", "A1", "A3"]).ok().stdout;
    for part in ["are two customers", "unlink", "father and son", "smiths@example.org"] {
        assert!(apart.contains(part), "{apart}");
    }
}

#[test]
fn preview_tells_the_blast_radius_and_changes_nothing() {
    let shop = family();
    let files = files_below(&shop.path().join("lake"));
    shop.put(
        "sql/match/identifiers.person.sql",
        "-- Too much: whoever shares the first letter of a name.
-- key: record_id, kind, value
SELECT record_id, 'letter' AS kind, substr(full_name, 1, 1) AS value, NULL AS verified FROM clean.contacts\n",
    );
    let preview = json_of(&shop, &["match", "preview"]);
    assert_eq!((&preview["customers_before"], &preview["customers_after"]), (&3.into(), &2.into()));
    assert_eq!((&preview["customers_merged"], &preview["customers_split"]), (&1.into(), &0.into()));
    assert_eq!(preview["merged"][0]["records"], 2);
    assert_eq!(files_below(&shop.path().join("lake")), files, "a preview leaves nothing behind");
    assert_eq!(lines(&shop), ["A1 A2 A3", "B1", "B2"]);

    shop.run(&["run"]).ok();
    let diff = json_of(&shop, &["match", "diff", "1", "2"]);
    assert_eq!(diff["merged"], preview["merged"]);
    let text = shop.run(&["match", "diff", "1", "2"]).ok().stdout;
    assert!(text.contains("1 customers merged from several"), "{text}");
}

#[test]
fn evaluate_measures_against_a_file_that_knows_and_names_the_mistakes() {
    let shop = family();
    // The son is another person, and Ana Ionescu is Ana Pop.
    let truth = "id,who\nguests:A1,father\nguests:A2,son\nguests:A3,father\nguests:B1,ana\nguests:B2,ana\n";
    shop.put("truth.csv", truth);
    let path = shop.path().join("truth.csv");
    let args = ["match", "evaluate", "--truth", path.to_str().unwrap(), "--id", "id", "--person", "who"];
    let report = json_of(&shop, &args);
    // Pairs found: 3 of the Smiths, of which 1 is right; pairs there are: 2.
    assert_eq!(report["pairwise"]["precision"].as_f64(), Some(1.0 / 3.0));
    assert_eq!(report["pairwise"]["recall"].as_f64(), Some(0.5));
    assert_eq!(report["wrongly_together"][0]["others"], serde_json::json!([["father", 2], ["son", 1]]));
    assert_eq!(report["wrongly_apart"][0]["customer_id"], "ana");
    shop.run(&args[..4]).fails(1, &["`--id` and `--person` name the columns"]);
}

#[test]
fn a_truth_about_other_records_is_no_perfect_score() {
    let shop = family();
    let evaluate = |truth: &str| {
        shop.put("truth.csv", format!("record_id,person_id\n{truth}"));
        shop.run(&["match", "evaluate", "--truth", "truth.csv"])
    };
    evaluate("x,1\ny,2\n").fails(2, &["knows the person of no record of the run", "such as `crm:1042`"]);
    evaluate("guests:A1,1\nguests:A1,2\n").fails(1, &["`guests:A1` is two people"]);
    // What the run does not have is told and left out, and a row that is there twice counts once.
    let told = evaluate("guests:A1,1\nguests:A1,1\nguests:A3,1\nx,1\ny,1\n").ok();
    told.says(&["because run 1 has it not: 2 records"]);
    assert!(told.stdout.starts_with("2 records of 1 people"), "{}", told.stdout);
    shop.run(&["match", "evaluate", "--truth", "none.csv"]).fails(2, &["there is no file `none.csv`"]);
}

#[test]
fn who_was_linked_by_mistake_gets_the_id_back_and_old_ids_are_explained() {
    let shop = family();
    let of =
        |record: &str| shop.value(&format!("SELECT customer_id FROM match.identities WHERE record_id = '{record}'"));
    let (father, ana) = (of("guests:A1"), of("guests:B1"));
    shop.run(&["match", "link", "guests:A1", "guests:B1"]).ok();
    shop.run(&["run"]).ok();
    let both = of("guests:A1");
    assert_eq!(of("guests:B1"), both);
    let former = if both == father { &ana } else { &father };
    let explained = shop.run(&["match", "explain", former]).ok().stdout;
    assert!(explained.contains(&both), "{explained}");
    let told = shop.run(&["match", "unlink", "guests:A1", "guests:B1"]).ok();
    told.says(&["before, somebody had decided `link`"]);
    shop.run(&["run"]).ok();
    assert_eq!((of("guests:A1"), of("guests:B1")), (father, ana));
    assert_eq!(shop.value("SELECT count(*) FROM match.aliases"), "0");
}

#[test]
fn evaluate_shows_what_other_thresholds_give_and_why_links_are_wrong() {
    // Two records show nothing of whom they are, and are one person's.
    let csv = guests() + "900A,,,\n900B,,,\n";
    let shop = Shop::new(CONFIG).write("guests.csv", &csv).write("sql/clean/contacts.guests.sql", BORN);
    shop.run(&["refresh"]).ok();
    // Who came as 002A came as 002B, whatever this file says.
    let person = |id: &str| if id == "002B" { "stranger".to_owned() } else { id[..3].to_owned() };
    let row = |line: &str| format!("guests:{},{}\n", &line[..4], person(&line[..4]));
    let truth: String = csv.lines().skip(1).map(row).collect();
    shop.put("truth.csv", format!("record_id,person_id\n{truth}"));
    let path = shop.path().join("truth.csv");
    let args = ["match", "evaluate", "--truth", path.to_str().unwrap(), "--explain"];
    let report = json_of(&shop, &args);
    let said = &report["of_records_that_say_something"];
    assert_eq!(said["records"].as_u64(), report["records"].as_u64().map(|all| all - 2));
    let recall = |figures: &serde_json::Value| figures["recall"].as_f64().unwrap();
    assert!(recall(&said["pairwise"]) > recall(&report["pairwise"]));
    let curve = report["threshold_curve"].as_array().unwrap();
    let at = |threshold: f64| curve.iter().find(|point| point["link_probability"] == threshold).unwrap();
    assert_eq!(at(1.0)["links"], 0);
    assert!(at(0.95)["links"].as_u64().unwrap() >= 95, "{curve:?}");
    assert!(recall(&at(1.0)["pairwise"]) < recall(&at(0.95)["pairwise"]));
    assert_eq!(at(0.95)["pairwise"], report["pairwise"], "as it is set");
    let wrong = &report["wrong_links"][0];
    assert_eq!([&wrong["left_record"], &wrong["right_record"]], ["guests:002A", "guests:002B"]);
    assert!(wrong["waterfall"]["weight"].as_f64().unwrap() > 8.0);
    let text = shop.run(&args).ok().stdout;
    for part in ["without 2 that show nothing", "0.95 as set", "wrongly linked", "birth_date · exact"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_stage_file_cannot_take_the_place_of_the_engine() {
    let shop = family().write("sql/match/overrides.sql", "-- Mine.\nSELECT 1 AS left_record\n");
    shop.run(&["plan"]).fails(2, &["`match.overrides` is made by the identity engine"]);
}

const BORN: &str = "-- People who gave a birth date.
-- key: record_id
SELECT concat('guests:', no) AS record_id, 'guests' AS source, name AS full_name, phone,
       parse_date(born, '%Y-%m-%d') AS birth_date
FROM raw.guests
";

/// 400 guests, of whom every second came twice: with the same phone number and a slip in the name, or, every fourth, without
/// a phone number.
fn guests() -> String {
    let given: Vec<&str> = GIVEN.split_whitespace().collect();
    let family: Vec<&str> = FAMILY.split_whitespace().collect();
    let mut csv = "no,name,phone,born\n".to_owned();
    for n in 0..400 {
        let name = format!("{} {}", given[n % 25], family[(n / 25 + n) % 20]);
        let born = format!("19{:02}-{:02}-{:02}", 30 + n % 70, 1 + n * 7 % 12, 1 + n * 11 % 27);
        let phone = format!("+4072{:07}", n * 104_729 % 10_000_000);
        csv.push_str(&format!("{n:03}A,{name},{phone},{born}\n"));
        if n % 4 == 0 {
            csv.push_str(&format!("{n:03}B,{}x,{phone},{born}\n", name.replacen(' ', "x ", 1)));
        } else if n % 2 == 0 {
            csv.push_str(&format!("{n:03}B,{name},,{born}\n"));
        }
    }
    csv
}

#[test]
fn records_that_are_alike_are_one_customer_and_the_model_says_why() {
    let shop = Shop::new(CONFIG).write("guests.csv", guests()).write("sql/clean/contacts.guests.sql", BORN);
    shop.run(&["refresh"]).ok();
    let links =
        "SELECT count(*) FROM match.edges WHERE kind = 'score' AND left(left_record, 10) = left(right_record, 10)";
    let linked: usize = shop.value(links).parse().unwrap();
    assert!(linked >= 95, "of 100 people without an identifier in common {linked} were found");
    assert_eq!(shop.value(&links.replace("AND left(left_record, 10) =", "AND left(left_record, 10) <>")), "0");
    let learnt = "SELECT m > 0.9, weight > 8 FROM match.model WHERE comparison = 'birth_date' AND level = 'exact'";
    assert_eq!(shop.rows(learnt), ["true,true"]);
    assert_eq!(shop.value("SELECT warnings IS NULL FROM match.fit"), "true");
    what_two_records_agree_in_is_weighed(&shop);
    // Only where identifiers decide alone is nothing scored.
    let alone = format!("{CONFIG}[match]\nlink_probability = 1.0\nreview_probability = 1.0\n");
    shop.put("onefold.toml", alone);
    shop.run(&["run"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM match.edges WHERE kind = 'score'"), "0");
    assert_eq!(shop.value("SELECT count(*) FROM match.model"), "0");
    shop.put("onefold.toml", format!("{CONFIG}[match]\nlink_probability = 0.4\n"));
    shop.run(&["run"]).fails(2, &["`link_probability` and `review_probability` under `[match]` do not fit"]);
}

/// Guest 2 came twice and left no phone number the second time; guest 3 is another person.
fn what_two_records_agree_in_is_weighed(shop: &Shop) {
    let picture = shop.path().join("why.svg");
    let args = ["match", "explain", "002A", "002B", "--svg", picture.to_str().unwrap()];
    let text = shop.run(&args).ok().stdout;
    for part in ["are one customer", "birth_date · exact", "+12.5 bits: one person", "empty in one or both: phone"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(std::fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    let same = json_of(shop, &args[..4]);
    let weight = same["waterfall"]["weight"].as_f64().unwrap();
    let edge = "SELECT weight FROM match.edges WHERE left_record = 'guests:002A' AND right_record = 'guests:002B'";
    let told: f64 = shop.value(edge).parse().unwrap();
    // No pair of records speaks louder than 10 bits.
    assert!((told - 1.0 / (1.0 + (-weight.min(10.0)).exp2())).abs() < 1e-6, "{told} is not what {weight} bits are");
    let strangers = json_of(shop, &["match", "explain", "002A", "003A"]);
    assert!(strangers["waterfall"]["weight"].as_f64().unwrap() < 0.0);
}

#[test]
fn a_person_walks_through_what_is_in_doubt_and_is_not_asked_again() {
    // Too few to learn from: what is alike is asked for.
    let few: Vec<String> = guests().lines().take(25).map(|line| format!("{line}\n")).collect();
    let shop = Shop::new(CONFIG).write("guests.csv", few.concat()).write("sql/clean/contacts.guests.sql", BORN);
    shop.run(&["refresh"]).ok();
    let open = || json_of(&shop, &["match", "review"]).as_array().unwrap().len();
    let before = open();
    assert!(before >= 3, "{before}");
    let customers: usize = shop.value("SELECT count(DISTINCT customer_id) FROM match.identities").parse().unwrap();

    // One, two, back to it and one after all, then a slip of the finger, a skip, and the end of the input.
    let outcome = shop.answer(&["match", "review", "--note", "asked"], "y\nn\nb\ny\nwhat\ns\n").ok();
    for part in ["1 of ", "full_name", "birth_date", "="] {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
    assert!(outcome.stderr.contains("one person: 2, two people: 0"), "{}", outcome.stderr);
    assert_eq!(shop.rows("SELECT decision, note FROM match.overrides"), ["link,asked", "link,asked"]);
    assert_eq!(open(), before - 2);
    shop.run(&["run"]).ok();
    let now: usize = shop.value("SELECT count(DISTINCT customer_id) FROM match.identities").parse().unwrap();
    assert_eq!(now, customers - 2);
}

const DEVICES: &str = "-- Browsers, and the accounts that were logged in on them.
-- key: record_id, kind, value
SELECT 'web:' || cookie AS record_id, 'cookie' AS kind, cookie AS value, 'web' AS source,
       NULL AS seen_first_at, NULL AS seen_last_at
FROM raw.clicks GROUP BY cookie
UNION ALL
SELECT 'web:' || cookie, 'email', email, 'web', min(parse_timestamp(at, 'UTC')), max(parse_timestamp(at, 'UTC'))
FROM raw.clicks WHERE email IS NOT NULL GROUP BY cookie, email
";
const CLICKS: &str = "-- Clicks.
-- key: event_id
SELECT 'web:' || id AS event_id, 'web' AS source, 'web:' || cookie AS record_id, parse_timestamp(at, 'UTC') AS occurred_at,
       'view' AS kind, cookie AS page
FROM raw.clicks
";

#[test]
fn what_was_done_before_the_log_in_is_the_persons_for_a_while_and_a_shared_tablet_is_nobodys() {
    // Ana's laptop; a tablet that Ana and Dan share; a phone that Ana used in spring and Dan from autumn on.
    let clicks = "id,cookie,email,at
1,laptop,,2025-01-01T10:00:00Z
2,laptop,,2025-04-20T10:00:00Z
3,laptop,ana@example.org,2025-05-01T10:00:00Z
4,laptop,,2025-05-30T10:00:00Z
5,laptop,,2025-09-15T10:00:00Z
6,tablet,ana@example.org,2025-05-02T10:00:00Z
7,tablet,,2025-05-03T10:00:00Z
8,tablet,dan@example.org,2025-05-04T10:00:00Z
9,phone,ana@example.org,2025-02-01T10:00:00Z
10,phone,,2025-02-02T10:00:00Z
11,phone,,2025-10-01T10:00:00Z
12,phone,dan@example.org,2025-10-02T10:00:00Z
13,laptop,ana@example.org,2025-05-20T10:00:00Z
";
    let config =
        CONFIG.replace("[sources", "anonymous_days = 60\n[sources") + "[sources.clicks]\npath = \"clicks.csv\"\n";
    let shop = Shop::new(&config)
        .write("guests.csv", "no,name,email,phone,id\nA,Ana Pop,ana@example.org,,\nD,Dan Rus,dan@example.org,,\n")
        .write("clicks.csv", clicks)
        .write("sql/clean/contacts.guests.sql", PAPERS)
        .write("sql/clean/identifiers.clicks.sql", DEVICES)
        .write("sql/clean/events.clicks.sql", CLICKS);
    shop.run(&["refresh"]).ok();
    let visits = "SELECT c.full_name, concat(s.entry_page, ' ', CAST(CAST(s.started_at AS DATE) AS VARCHAR))
        FROM profile.sessions AS s JOIN profile.customers AS c ON c.customer_id = s.customer_id
        ORDER BY 1, s.started_at";
    assert_eq!(
        shop.rows(visits),
        [
            "Ana Pop,phone 2025-02-01",
            "Ana Pop,phone 2025-02-02",
            "Ana Pop,laptop 2025-04-20",
            "Ana Pop,laptop 2025-05-01",
            "Ana Pop,laptop 2025-05-20",
            "Ana Pop,laptop 2025-05-30",
            "Dan Rus,phone 2025-10-01",
            "Dan Rus,phone 2025-10-02",
        ]
    );
    shop.run(&["run", "--as-of", "2025-05-10"]).ok();
    let seen = "SELECT identified_first_at, identified_last_at FROM profile.devices WHERE record_id = 'web:laptop'";
    assert_eq!(shop.rows(seen), ["2025-05-01T10:00:00,2025-05-10T00:00:00"], "what comes later is not known yet");
}
