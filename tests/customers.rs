//! What is said of a customer, from a source to the screen: as of which date, in which money, under which name.

use serde_json::{Value, json};

use crate::support::{Shop, repository};

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2026-01-01\ncurrency = \"GBP\"\n[sources.people]\npath = \"people.csv\"\n[sources.orders]\npath = \"orders.csv\"\n";

/// As a hasty user would map it: names as they are.
const CONTACTS: &str = "-- People.\n-- key: record_id\nSELECT source || ':' || key AS record_id, source, parse_timestamp(created, 'UTC') AS created_at, parse_timestamp(updated, 'UTC') AS updated_at, given AS given_name, family AS family_name, full_name, parse_date(born, '%Y-%m-%d') AS birth_date, normalize_email(email) AS email, normalize_phone(phone, country) AS phone, street, city, country FROM raw.people\n";
const ORDERS: &str = "-- Orders.\n-- key: order_id\nSELECT 'till:' || no AS order_id, 'till' AS source, person AS record_id, parse_timestamp(at, 'UTC') AS ordered_at, 'completed' AS status, parse_decimal(amount, '.') AS amount, currency FROM raw.orders\n";

const PEOPLE: &str = "source,key,created,updated,given,family,full_name,born,email,phone,country,street,city\n";
const ORDERS_HEAD: &str = "no,person,at,amount,currency\n";

fn shop(people: &str, orders: &str) -> Shop {
    Shop::new(CONFIG)
        .write("people.csv", format!("{PEOPLE}{people}"))
        .write("orders.csv", format!("{ORDERS_HEAD}{orders}"))
        .write("sql/clean/contacts.people.sql", CONTACTS)
        .write("sql/clean/orders.orders.sql", ORDERS)
}

fn refreshed(people: &str, orders: &str) -> Shop {
    let shop = shop(people, orders);
    shop.run(&["refresh"]).ok();
    shop
}

/// The output of `onefold … --json`.
fn json_of(shop: &Shop, args: &[&str]) -> Value {
    serde_json::from_str(&shop.run(&[args, &["--json"]].concat()).ok().stdout).unwrap()
}

/// Ana was changed after, Bob came after, nobody knows when Cleo came, and Dan is known only by what he bought.
const TIMES: &str = "\
crm,1,2024-01-10T08:00:00Z,2025-06-01T08:00:00Z,Ana,Pop,,1980-02-03,ana@example.org,,GB,,
crm,2,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,Bob,Ray,,,bob@example.org,,GB,,
crm,3,,,Cleo,Fox,,,cleo@example.org,,GB,,
";
const TIMED_ORDERS: &str = "\
1,crm:1,2024-05-01T10:00:00Z,10.00,GBP
2,crm:1,2024-12-31T23:59:59Z,20.00,GBP
3,crm:1,2025-01-01T00:00:00Z,40.00,GBP
4,old:9,2024-03-01T00:00:00Z,5.00,GBP
5,crm:2,2025-07-01T00:00:00Z,80.00,GBP
";

#[test]
fn as_of_is_the_exclusive_upper_bound_of_all_that_is_said() {
    let shop = refreshed(TIMES, TIMED_ORDERS);
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "4");
    shop.run(&["run", "--as-of", "2025-01-01"]).ok();
    let people = shop.rows(
        "SELECT coalesce(full_name, 'nobody'), records, first_seen_at, last_seen_at FROM profile.customers ORDER BY 1",
    );
    assert_eq!(
        people,
        ["Ana Pop,1,2024-01-10T08:00:00,2024-01-10T08:00:00", "Cleo Fox,1,,", "nobody,1,,"],
        "confirmed when it was created: the change of 2025 is not known yet"
    );
    let history = "SELECT frequency, monetary, recency_days, CAST(last_order_at AS DATE) FROM rfm.history ORDER BY 1";
    assert_eq!(shop.rows(history), ["1,5.00,306,2024-03-01", "2,30.00,0,2024-12-31"]);
    assert_eq!(shop.value("SELECT count(*) FROM profile.orders"), "3");
    assert_eq!(shop.value("SELECT max(happened_at) FROM profile.timeline"), "2024-12-31T23:59:59");
    // Before there was anything, only she is known of whom nothing says when she came.
    shop.run(&["run", "--as-of", "2020-01-01"]).ok();
    assert_eq!(shop.rows("SELECT full_name FROM profile.customers"), ["Cleo Fox"]);
}

#[test]
fn the_sample_shop_seen_from_the_past_knows_nothing_of_the_future() {
    let shop = Shop::copy(&repository().join("data/shop"));
    shop.run(&["refresh", "--as-of", "2025-01-01"]).ok();
    let times = [
        ("profile.customers", "first_seen_at"),
        ("profile.customers", "last_seen_at"),
        ("profile.records", "first_seen_at"),
        ("profile.provenance", "confirmed_at"),
        ("profile.claims", "confirmed_at"),
        ("profile.addresses", "last_confirmed_at"),
        ("profile.orders", "ordered_at"),
        ("profile.timeline", "happened_at"),
        ("profile.sessions", "ended_at"),
        ("profile.touches", "touched_at"),
        ("rfm.attributions", "touched_at"),
        ("profile.consents", "effective_at"),
        ("profile.loyalty", "last_moved_at"),
        ("profile.feedback", "opened_at"),
        ("profile.last_contacts", "last_contact_at"),
        ("profile.service", "last_opened_at"),
        ("rfm.history", "last_order_at"),
    ];
    for (table, column) in times {
        let latest = shop.value(&format!("SELECT max({column}) FROM {table}"));
        assert!(latest.starts_with("2024-"), "{table}.{column}: {latest}");
    }
    shop.run(&["run", "--as-of", "2020-01-01"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "0");
}

#[test]
fn without_a_date_all_that_happened_today_counts() {
    let shop = refreshed(TIMES, TIMED_ORDERS);
    shop.put("onefold.toml", CONFIG.replace("as_of = 2026-01-01\n", ""));
    let report = json_of(&shop, &["run"]);
    let manifest =
        std::fs::read_to_string(shop.path().join("lake/_onefold/manifest/00000000000000000002.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let began = &manifest["started_at"].as_str().unwrap()[..10];
    let next_day = shop.value(&format!("SELECT CAST(DATE '{began}' + INTERVAL '1' DAY AS DATE)"));
    assert_eq!(report["as_of"], json!(next_day));
}

#[test]
fn a_customer_is_shown_as_of_the_run_and_no_other_date() {
    let shop = refreshed(TIMES, TIMED_ORDERS);
    let screen = shop.run(&["customer", "ana@example.org"]).ok().stdout;
    assert!(screen.contains("run 1, as of 2026-01-01"), "{screen}");
    assert!(screen.contains("3, last on 2025-01-01 (365 days ago, as of 2026-01-01)"), "{screen}");
    assert_eq!(shop.run(&["customer", "ana@example.org", "--as-of", "2026-01-01"]).ok().stdout, screen);
    let refused = shop.run(&["customer", "ana@example.org", "--as-of", "2025-01-01"]);
    refused.fails(2, &["run 1 is as of 2026-01-01, not 2025-01-01", "`--run N`", "`onefold run --as-of 2025-01-01`"]);
    shop.run(&["run", "--as-of", "2025-01-01"]).ok();
    let screen = shop.run(&["customer", "ana@example.org", "--as-of", "2025-01-01"]).ok().stdout;
    assert!(screen.contains("2, last on 2024-12-31 (0 days ago, as of 2025-01-01)"), "{screen}");
}

#[test]
fn what_gives_money_back_is_a_return_whatever_its_status() {
    let orders = "1,crm:1,2025-03-01T10:00:00Z,50.00,GBP\n2,crm:1,2025-12-01T10:00:00Z,-20.00,GBP\n\
                  3,crm:3,2025-03-01T10:00:00Z,50.00,GBP\n4,crm:3,2025-03-02T10:00:00Z,-50.00,GBP\n";
    let shop = refreshed(TIMES, orders);
    let sql = "SELECT c.given_name, h.frequency, h.monetary, h.gross_amount, h.returned_amount, h.returns,
                      CAST(h.last_order_at AS DATE)
               FROM rfm.history AS h JOIN profile.customers AS c ON c.customer_id = h.customer_id ORDER BY 1";
    assert_eq!(shop.rows(sql), ["Ana,1,30.00,50.00,20.00,1,2025-03-01", "Cleo,1,0.00,50.00,50.00,1,2025-03-01"]);
    let kinds = "SELECT kind, amount FROM profile.timeline ORDER BY happened_at DESC LIMIT 1";
    assert_eq!(shop.rows(kinds), ["return,-20.00"]);
    let screen = shop.run(&["customer", "ana@example.org"]).ok().stdout;
    assert!(screen.contains("30.00 GBP (20.00 sent back in 1 return)"), "{screen}");
    let screen = shop.run(&["customer", "cleo@example.org"]).ok().stdout;
    assert!(screen.contains("0.00 GBP (50.00 sent back in 1 return)"), "{screen}");
    assert!(screen.contains("none, because nothing is left after returns"), "{screen}");
}

#[test]
fn money_that_is_not_scored_and_orders_of_nobody_are_said() {
    let orders = "1,crm:1,2025-03-01T10:00:00Z,50.00,GBP\n2,crm:2,2025-04-01T10:00:00Z,7000.50,EUR\n\
                  3,crm:1,2025-05-01T10:00:00Z,1.25,EUR\n4,,2025-06-01T10:00:00Z,2.50,GBP\n\
                  5,,2025-06-02T10:00:00Z,-1.00,GBP\n6,,2026-06-02T10:00:00Z,9.00,GBP\n";
    let shop = shop(TIMES, orders);
    let notice =
        "not in the scores, which are by spend in GBP: 7,001.75 EUR from 2 customers, 1 of them have no scores";
    let told = shop.run(&["refresh"]).ok().stderr;
    assert!(told.contains(notice), "{told}");
    let status = shop.run(&["status"]).ok().stdout;
    assert!(status.contains(notice), "{status}");
    let balance = &json_of(&shop, &["status"])["balance"];
    let gbp = json!({
        "currency": "GBP", "orders": 4, "customer_orders": 1, "anonymous_orders": 2, "later_orders": 1,
        "amount": "60.50", "customer_amount": "50.00", "anonymous_amount": "1.50", "later_amount": "9.00",
    });
    assert_eq!(balance["orders"][1], gbp);
    assert_eq!(balance["orders"][0]["customer_amount"], "7001.75");
    assert_eq!(
        balance["other_currencies"],
        json!([{ "currency": "EUR", "buyers": 2, "unscored_buyers": 1, "orders": 2, "monetary": "7001.75" }])
    );
    let row = status.lines().find(|line| line.trim_start().starts_with("GBP")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["GBP", "4", "1", "50.00", "2", "1.50", "1"]);
    let screen = shop.run(&["customer", "bob@example.org"]).ok().stdout;
    assert!(screen.contains("7,000.50 EUR (not in the scores)"), "{screen}");
    assert!(screen.contains("none, because they are by spend in the reporting currency"), "{screen}");
    let screen = shop.run(&["customer", "ana@example.org"]).ok().stdout;
    assert!(screen.contains("50.00 GBP, 1.25 EUR (not in the scores)"), "{screen}");
}

#[test]
fn what_cannot_be_a_birth_date_or_a_name_never_wins() {
    let people = "\
crm,1,2024-01-01T00:00:00Z,2024-01-01T00:00:00Z,Ana,Pop,,1980-02-03,ana@example.org,,GB,,
web,1,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,NULL,n/a,,1900-01-01,ana@example.org,,GB,,
web,2,2025-02-01T00:00:00Z,2025-02-01T00:00:00Z,,,unknown,1875-05-05,ana@example.org,,GB,,
web,3,2025-03-01T00:00:00Z,2025-03-01T00:00:00Z,,,,2026-01-01,ana@example.org,,GB,,
web,4,2025-04-01T00:00:00Z,2025-04-01T00:00:00Z,null,NULL,,1970-01-01,only@example.org,,GB,,
";
    let shop = refreshed(people, "");
    let sql = "SELECT full_name, given_name, family_name, birth_date, email FROM profile.customers ORDER BY email";
    assert_eq!(shop.rows(sql), ["Ana Pop,Ana,Pop,1980-02-03,ana@example.org", ",,,,only@example.org"]);
    assert_eq!(shop.rows("SELECT attribute FROM profile.claims"), Vec::<String>::new());
}

#[test]
fn han_names_are_written_family_name_first_however_they_arrive() {
    let people = "\
crm,1,2024-01-01T00:00:00Z,,敏丽,邓,,,one@example.org,,GB,,
web,2,2024-01-01T00:00:00Z,,,,敏丽 邓,,two@example.org,,GB,,
web,3,2024-01-01T00:00:00Z,,,,邓 敏丽,,three@example.org,,GB,,
web,4,2024-01-01T00:00:00Z,,敏丽,邓,敏丽 邓,,four@example.org,,GB,,
web,5,2024-01-01T00:00:00Z,,,,길동 홍,,five@example.org,,GB,,
web,6,2024-01-01T00:00:00Z,,花子,山田,,,six@example.org,,GB,,
web,7,2024-01-01T00:00:00Z,,,,花子 山田,,seven@example.org,,GB,,
web,8,2024-01-01T00:00:00Z,,,,Thu Nguyễn,,eight@example.org,,GB,,
";
    let shop = refreshed(people, "");
    let rows = shop.rows(
        "SELECT full_name FROM profile.contacts AS c JOIN profile.customers AS p ON p.customer_id = c.customer_id
         ORDER BY c.record_id",
    );
    assert_eq!(rows, ["邓敏丽", "邓敏丽", "邓敏丽", "邓敏丽", "홍길동", "山田花子", "山田花子", "Thu Nguyễn"]);
    // To matching they are one name, so that one address joins them.
    let shop = refreshed(&people.replace("two@", "one@").replace("three@", "one@"), "");
    assert_eq!(shop.value("SELECT records FROM profile.customers WHERE email = 'one@example.org'"), "3");
}

#[test]
fn the_report_of_a_customer_has_numbers_and_booleans() {
    let shop = refreshed(TIMES, TIMED_ORDERS);
    let report = json_of(&shop, &["customer", "ana@example.org"]);
    let profile = &report["profile"];
    let expected = json!({
        "records": 1, "confidence": 1.0, "email_is_stale": false, "frequency_score": 5, "recency_days": 365,
        "monetary": "70.00", "birth_date": "1980-02-03", "first_order_at": "2024-05-01T10:00:00",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&profile[name], value, "{name}");
    }
    assert_eq!(profile.get("phone"), None, "what is not known is left out");
    assert_eq!((&report["run"], &report["as_of"]), (&json!(1), &json!("2026-01-01")));
    assert_eq!(report["spend"][0]["is_scored"], json!(true));
}

#[test]
fn one_screen_says_who_claims_what_and_what_the_scores_mean() {
    let mut people = String::from(
        "crm,1,2024-01-01T00:00:00Z,2025-09-01T00:00:00Z,Ana,Pop,,,ana@example.org,,GB,12  West   Road,Leeds\n",
    );
    for at in 1..=91 {
        people.push_str(&format!(
            "web,{at:03},2024-02-01T00:00:00Z,2024-02-01T00:00:00Z,Ana,Pop,,,ana@example.org,,GB,{} East Road,Leeds\n",
            at % 7
        ));
    }
    people.push_str("crm,2,2024-01-01T00:00:00Z,,Bob,Ray,,,bob@example.org,,GB,,\n");
    let shop = refreshed(&people, "1,crm:1,2025-03-01T10:00:00Z,50.00,GBP\n2,crm:2,2025-04-01T10:00:00Z,10.00,GBP\n");
    let screen = shop.run(&["customer", "ana@example.org"]).ok().stdout;
    let id = shop.value("SELECT customer_id FROM profile.customers WHERE email = 'ana@example.org'");
    insta::assert_snapshot!(screen.replace(&id, "CUSTOMER"), @r"
    Ana Pop  CUSTOMER  run 1, as of 2026-01-01
      e-mail      ana@example.org
      address     12 West Road, Leeds, GB
      stands      lapsed
      scores      hibernating 115: recency 1, frequency 1, monetary 5; 5 is best
      orders      1, last on 2025-03-01 (305 days ago, as of 2026-01-01)
      spent       50.00 GBP
      expected    unknown: too few customers bought again to learn from
      is like     as customers usually are
      heard of    2025-03-01 (305 days ago), order
      write       email, at 10:00 UTC (no consent to marketing known)
      segments    one_time_buyers

    Spent by month (at most 50.00 GBP, in 2025-03)
                                  █
                                  █
                                  █
                                  █
      2024-01                                 2025-12

    Where it comes from
      attribute  value                    from   won by   say the same
      address    12 West Road, Leeds, GB  crm:1  recency  1 of 92
      email      ana@example.org          crm:1  agreed   92 of 92
      name       Ana Pop                  crm:1  agreed   92 of 92

    Who says otherwise
      attribute  value                   from              last confirmed
      address    0 East Road, Leeds, GB  web (13 records)  2024-02-01
      address    1 East Road, Leeds, GB  web (13 records)  2024-02-01
      address    2 East Road, Leeds, GB  web (13 records)  2024-02-01
                 … and 4 more

    Records (92)
      record         joined by  confidence  first seen
      crm:1          email      0.98        2024-01-01
      web:001        email      0.98        2024-02-01
      web:002        email      0.98        2024-02-01
      web:003        email      0.98        2024-02-01
      web:004        email      0.98        2024-02-01
      web:005        email      0.98        2024-02-01
      web:006        email      0.98        2024-02-01
      web:007        email      0.98        2024-02-01
      … and 84 more

    Timeline (1 of 1)
      when              what     amount
      2025-03-01 10:00  order     50.00  GBP
    ");
}

#[test]
fn a_customer_is_found_by_what_people_type() {
    let people = "\
crm,1234,2024-01-01T00:00:00Z,,Ana,Pop,,,ana@example.org,0721 000 111,RO,,
crm,77,2024-01-01T00:00:00Z,,Bob,Ray,,,bob@example.org,020 7946 0018,GB,,
web,77,2024-01-01T00:00:00Z,,Cleo,Fox,,,cleo@example.org,,GB,,
";
    let shop = refreshed(people, "");
    let id = shop.value("SELECT customer_id FROM profile.customers WHERE given_name = 'Ana'");
    let screen = shop.run(&["customer", &id]).ok().stdout;
    for typed in [id.to_lowercase().as_str(), "1234", "crm:1234", "0721 000 111", "+40721000111", " ANA@example.org "] {
        assert_eq!(shop.run(&["customer", typed]).ok().stdout, screen, "{typed}");
    }
    shop.run(&["customer", "0721 000 111", "--country", "GB"]).fails(2, &["nobody is known by that", "`--country GB`"]);
    let ambiguous = shop.run(&["customer", "77"]).fails(2, &["2 customers are known by that"]);
    assert!(ambiguous.stdout.contains("Bob Ray") && ambiguous.stdout.contains("record crm:77"), "{}", ambiguous.stdout);
    assert!(
        ambiguous.stdout.contains("Cleo Fox") && ambiguous.stdout.contains("record web:77"),
        "{}",
        ambiguous.stdout
    );
}

#[test]
fn a_new_project_takes_rows_with_a_negative_amount_for_returns() {
    let dir = tempfile::tempdir().unwrap();
    let shop = Shop::copy(dir.path());
    shop.run(&["init"]).ok();
    let example = std::fs::read_to_string(shop.path().join("sql/clean/orders.example.sql")).unwrap();
    let query: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("-- "))
        .skip_while(|line| *line != "SELECT")
        .collect::<Vec<_>>()
        .join("\n");
    let query = query.split("\nkey:").next().unwrap().trim_end();
    let orders =
        "order_no,customer_no,ordered_at,total\nA,1,2025-01-01T10:00:00,12.50\nB,1,2025-01-02T10:00:00,-12.50\n";
    shop.put("orders.csv", orders);
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    shop.put("onefold.toml", format!("{config}\n[sources.shop_orders]\npath = \"orders.csv\"\n"));
    shop.put("sql/clean/orders.shop.sql", format!("-- key: order_id\n{query}"));
    shop.remove("sql/clean/orders.example.sql");
    shop.run(&["refresh"]).ok();
    assert_eq!(
        shop.rows("SELECT status, amount FROM clean.orders ORDER BY order_id"),
        ["completed,12.50", "returned,-12.50"]
    );
}
