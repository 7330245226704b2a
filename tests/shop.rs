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
