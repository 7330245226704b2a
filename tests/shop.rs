//! The sample shop that ships, run end to end as its user would.

use std::sync::OnceLock;

use crate::support::{Shop, repository};

fn shop() -> Shop {
    Shop::copy(&repository().join("data/shop"))
}

/// The shop after its first refresh, for tests that only look, and the report of that refresh.
fn refreshed() -> &'static (Shop, serde_json::Value) {
    static REFRESHED: OnceLock<(Shop, serde_json::Value)> = OnceLock::new();
    REFRESHED.get_or_init(|| {
        let shop = shop();
        let report = refresh(&shop);
        (shop, report)
    })
}

const AS_OF: [&str; 2] = ["--as-of", "2026-06-30"];

fn refresh(shop: &Shop) -> serde_json::Value {
    let outcome = shop.run(&[&["refresh", "--json"][..], &AS_OF].concat()).ok();
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn computed(report: &serde_json::Value) -> Vec<String> {
    let stages = report["stages"].as_array().unwrap().iter();
    stages
        .filter(|stage| stage["action"] == "compute")
        .map(|stage| stage["stage"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_second_refresh_finds_nothing_to_do_and_a_changed_segment_only_itself() {
    let shop = shop();
    let first = refresh(&shop);
    assert_eq!(first["run"], 1);
    let again = refresh(&shop);
    assert_eq!(again["run"], serde_json::Value::Null);
    assert_eq!(computed(&again), Vec::<String>::new());
    shop.put("sql/segment/big_spenders.sql", "SELECT customer_id FROM rfm.scores WHERE monetary_score = 5");
    let third = refresh(&shop);
    assert_eq!(computed(&third), ["segment.big_spenders"]);
    assert_eq!(third["run"], 2);
    assert!(shop.path().join("lake/published/segment/big_spenders.parquet").is_file());
    shop.remove("sql/segment/big_spenders.sql");
    refresh(&shop);
    assert!(!shop.path().join("lake/published/segment/big_spenders.parquet").exists());
}

#[test]
fn a_stage_whose_rows_come_out_equal_does_not_move_its_readers() {
    let shop = shop();
    let path = "sql/clean/loyalty_movements.loyalty.sql";
    let sql = std::fs::read_to_string(shop.path().join(path)).unwrap();
    let points = "CAST(points AS BIGINT) AS points";
    assert!(sql.contains(points), "{sql}");
    refresh(&shop);
    shop.put(path, sql.replace(points, "CAST(points AS BIGINT) + 0 AS points"));
    assert_eq!(computed(&refresh(&shop)), ["clean.loyalty_movements"]);
    shop.put(path, sql.replace(points, "CAST(points AS BIGINT) + 1 AS points"));
    let moved = computed(&refresh(&shop));
    assert!(moved.contains(&"profile.loyalty".to_owned()), "{moved:?}");
    assert!(!moved.contains(&"clean.orders".to_owned()), "{moved:?}");
}

#[test]
fn every_row_of_every_source_is_landed_or_quarantined() {
    let (shop, report) = refreshed();
    for source in report["sources"].as_array().unwrap() {
        let count = |name: &str| source[name].as_u64().unwrap();
        assert_eq!(count("rows_read"), count("rows_landed") + count("rows_quarantined"), "{source}");
        let table = format!("raw.{}", source["source"].as_str().unwrap());
        assert_eq!(shop.value(&format!("SELECT count(*) FROM {table}")), count("rows_landed").to_string());
    }
}

#[test]
fn what_cannot_be_read_is_kept_with_file_line_and_reason() {
    let (shop, report) = refreshed();
    let quarantined = |name: &str| {
        let sources = report["sources"].as_array().unwrap();
        sources.iter().find(|source| source["source"] == name).unwrap()["rows_quarantined"].as_u64().unwrap()
    };
    assert_eq!((quarantined("crm_contacts"), quarantined("consents"), quarantined("web_events")), (1, 1, 0));
    assert_eq!(
        shop.rows("SELECT file, line, reason FROM quarantine.crm_contacts"),
        ["sources/crm/contacts.csv,17,22 fields instead of 21"]
    );
    assert_eq!(
        shop.rows("SELECT file, line, reason FROM quarantine.consents"),
        ["sources/consents/consents.csv,305,not UTF-8"]
    );
    // Both are second copies: the customer and the statement are there nevertheless.
    let contact = "SELECT count(*) FROM raw.crm_contacts AS c
                   JOIN quarantine.crm_contacts AS q ON starts_with(q.raw, concat(c.\"Customer No\", ';'))";
    assert_eq!(shop.value(contact), "1");
    let statement = "SELECT count(*) FROM raw.consents AS c
                     JOIN quarantine.consents AS q ON starts_with(q.raw, concat(c.statement, ','))";
    assert_eq!(shop.value(statement), "1");
}

#[test]
fn a_second_currency_is_counted_and_never_added_up() {
    let (shop, _) = refreshed();
    assert_eq!(shop.rows("SELECT DISTINCT currency FROM rfm.history ORDER BY currency"), ["EUR", "GBP"]);
    // Every order reaches its customer's history in its own currency.
    let amounts =
        "SELECT currency, sum(CASE WHEN status = 'cancelled' THEN 0 ELSE amount END) AS amount, count(*) AS orders";
    let clean = format!("{amounts} FROM clean.orders WHERE record_id IS NOT NULL GROUP BY currency ORDER BY currency");
    assert_eq!(
        shop.rows(
            "SELECT currency, sum(monetary), sum(frequency + returns + cancellations) FROM rfm.history
                   GROUP BY currency ORDER BY currency"
        ),
        shop.rows(&clean)
    );
    let bought = "WITH bought AS (
        SELECT customer_id, sum(frequency) AS orders, min(recency_days) AS recency_days,
               sum(monetary) FILTER (WHERE currency = 'GBP' AND frequency > 0) AS pounds,
               sum(monetary) FILTER (WHERE currency = 'EUR') AS euros
        FROM rfm.history GROUP BY customer_id)";
    // Who bought in both is scored by all purchases and by the pounds alone.
    let both = "FROM bought AS b JOIN rfm.scores AS s ON s.customer_id = b.customer_id WHERE b.euros > 0";
    let right = "s.monetary = b.pounds AND s.frequency = b.orders AND s.recency_days = b.recency_days";
    let scored = shop.value(&format!("{bought} SELECT count(*), count(*) FILTER (WHERE {right}) {both}"));
    let (all, as_expected) = scored.split_once(',').unwrap();
    assert!(all.parse::<u32>().unwrap() > 5 && all == as_expected, "{scored}");
    // Who bought in euros alone has no scores, and is a customer with a lifecycle and a timeline all the same.
    let alone = "FROM bought AS b LEFT JOIN rfm.scores AS s ON s.customer_id = b.customer_id
                 JOIN rfm.lifecycle AS l ON l.customer_id = b.customer_id
                 WHERE b.euros > 0 AND b.pounds IS NULL AND b.orders > 0";
    let unscored = shop.rows(&format!(
        "{bought} SELECT count(*) > 0, count(s.customer_id), bool_and(l.orders = b.orders AND l.lifecycle <> 'prospect') {alone}"
    ));
    assert_eq!(unscored, ["true,0,true"]);
    // Both amounts are on the customer's page, side by side.
    let row = shop.value(&format!("{bought} SELECT b.customer_id, b.pounds, b.euros {both} ORDER BY 1 LIMIT 1"));
    let parts: Vec<&str> = row.split(',').collect();
    let page = shop.run(&["customer", parts[0]]).ok().stdout;
    assert!(
        page.contains(&format!("{} GBP", parts[1])) && page.contains(&format!("{} EUR", parts[2])),
        "{row}\n{page}"
    );
}

#[test]
fn a_national_id_joins_records_and_no_customer_has_two() {
    let (shop, _) = refreshed();
    let joined = shop.value("SELECT count(*) FROM match.identities WHERE starts_with(reason, 'national_id')");
    assert!(joined.parse::<u32>().unwrap() > 10, "{joined}");
    let mixed = "SELECT count(*) FROM (
        SELECT i.customer_id FROM match.identities AS i JOIN clean.contacts AS c ON c.record_id = i.record_id
        GROUP BY i.customer_id HAVING min(c.national_id) <> max(c.national_id))";
    assert_eq!(shop.value(mixed), "0");
}

#[test]
fn the_demo_reports_every_row_and_every_currency() {
    let dir = tempfile::tempdir().unwrap();
    let text = Shop::new("").run(&["demo", &dir.path().to_string_lossy(), "--customers", "120"]).ok().stdout;
    let numbers = |name: &str| -> Vec<u64> {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().skip(1).filter_map(|cell| cell.replace(',', "").parse().ok()).collect()
    };
    let [files, read, landed, quarantined] = numbers("all")[..] else { panic!("no sums in\n{text}") };
    assert!(files > 20 && quarantined > 0 && read == landed + quarantined, "{text}");
    assert!(text.contains("SELECT * FROM quarantine.consents"), "{text}");
    assert!(numbers("GBP")[0] > 0 && numbers("EUR")[0] > 0, "{text}");
}

#[test]
fn a_shop_of_a_few_people_works_too() {
    for customers in ["1", "10"] {
        let dir = tempfile::tempdir().unwrap();
        let text = Shop::new("").run(&["demo", &dir.path().to_string_lossy(), "--customers", customers]).ok().stdout;
        assert!(text.contains("What to type next"), "{text}");
    }
}

#[test]
fn verify_finds_nothing_wrong() {
    let (shop, _) = refreshed();
    let outcome = shop.run(&["verify"]).ok();
    assert!(outcome.stdout.ends_with("\neverything is as it was written\n"), "{}", outcome.stdout);
}

#[test]
fn an_older_run_can_still_be_asked() {
    let (shop, _) = refreshed();
    let before = shop.value("SELECT count(*) FROM profile.customers");
    let sql = "SELECT count(*) FROM profile.customers";
    let outcome = shop.run(&["sql", "--run", "1", "-c", sql, "--format", "csv"]).ok();
    assert_eq!(outcome.stdout.lines().nth(1), Some(before.as_str()));
    shop.run(&["sql", "--run", "9", "-c", sql]).fails(2, &["there is no run 9", "`onefold history`"]);
}

#[test]
fn chinese_names_are_written_family_name_first_and_without_a_space() {
    let (shop, _) = refreshed();
    let names = "FROM profile.customers WHERE family_name >= '一' AND family_name < '龥' AND given_name IS NOT NULL";
    assert_ne!(shop.value(&format!("SELECT count(*) {names}")), "0");
    assert_eq!(shop.value(&format!("SELECT count(*) {names} AND full_name <> family_name || given_name")), "0");
}

#[test]
fn one_customer_on_one_screen_by_id_mail_and_phone() {
    let (shop, _) = refreshed();
    let row = shop.value(
        "WITH own AS (
             SELECT c.customer_id, c.email, c.phone, c.records
             FROM profile.customers AS c JOIN profile.contacts AS o ON o.email = c.email OR o.phone = c.phone
             WHERE c.email IS NOT NULL AND c.phone IS NOT NULL
             GROUP BY c.customer_id, c.email, c.phone, c.records
             HAVING min(o.customer_id) = max(o.customer_id)
         )
         SELECT customer_id, email, phone FROM own ORDER BY records DESC, customer_id LIMIT 1",
    );
    let parts: Vec<&str> = row.split(',').collect();
    let by_id = shop.run(&["customer", parts[0]]).ok().stdout;
    assert!(by_id.contains(parts[1]) && by_id.contains("Where it comes from") && by_id.contains("Timeline"), "{by_id}");
    assert_eq!(shop.run(&["customer", parts[1]]).ok().stdout, by_id);
    assert_eq!(shop.run(&["customer", parts[2]]).ok().stdout, by_id);
    shop.run(&["customer", "nobody@example.org"]).fails(2, &["nobody is known by that"]);
}

#[test]
fn plan_says_what_would_run_and_why() {
    let (shop, _) = refreshed();
    let plan = shop.run(&[&["plan"][..], &AS_OF].concat()).ok().stdout;
    assert!(plan.starts_with("0 of "), "{plan}");
    let plan = shop.run(&["plan", "--as-of", "2026-06-01"]).ok().stdout;
    assert!(plan.contains("$as_of went from DATE '2026-06-30' to DATE '2026-06-01'"), "{plan}");
    assert!(!plan.contains("clean.contacts"), "{plan}");
    shop.run(&["plan", "--select", "rfm.score"]).fails(2, &["did you mean `rfm.scores`?"]);
}

#[test]
fn lineage_leads_from_a_segment_to_its_sources() {
    let text = shop().run(&["lineage", "segment.lapsed_high_value"]).ok().stdout;
    for name in [
        "rfm.scores",
        "profile.orders",
        "match.identities",
        "clean.orders",
        "raw.",
        "sql/segment/lapsed_high_value.sql (built in)",
    ] {
        assert!(text.contains(name), "no {name} in\n{text}");
    }
}
