//! Real data as a new user would bring it: small projects on files that lie outside the repository.

use std::collections::BTreeMap;

use crate::support::{Shop, real_data, repository};

/// A copy of the project `name` with `files` of the real data below its `data/`; none where there is no real data.
fn project(name: &str, files: &[&str]) -> Option<Shop> {
    let data = real_data()?;
    let shop = Shop::copy(&repository().join("tests/projects").join(name));
    for file in files {
        let from = data.join(file);
        let bytes = std::fs::read(&from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        shop.put(&format!("data/{}", from.file_name().unwrap().to_string_lossy()), bytes);
    }
    Some(shop)
}

/// The published names of the labels, which are ours in the plural.
fn label_of(published: &str) -> &str {
    match published {
        "champions" => "champion",
        "loyal_customers" => "loyal",
        "potential_loyalists" => "potential_loyalist",
        "new_customers" => "new_customer",
        "cant_loose" => "cant_lose",
        other => other,
    }
}

#[test]
fn rfm_of_online_retail_equals_the_reference_for_all_4338_customers() {
    let Some(shop) = project("online_retail", &["online_retail/online_retail.parquet"]) else { return };
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM raw.invoice_lines"), "541909");
    let ours: BTreeMap<String, String> = shop
        .rows(
            "SELECT split_part(i.record_id, ':', 2), s.recency_days, s.frequency, s.monetary,
                    s.recency_score, s.frequency_score, s.monetary_score, s.label
             FROM rfm.scores AS s JOIN match.identities AS i ON i.customer_id = s.customer_id",
        )
        .iter()
        .map(|row| row.split_once(',').map(|(customer, rest)| (customer.to_owned(), rest.to_owned())).unwrap())
        .collect();
    let path = real_data().unwrap().join("reference/rfm_online_retail_reference.csv");
    let mut reference = csv::Reader::from_path(path).unwrap();
    let header = reference.headers().unwrap().clone();
    let mut compared = 0;
    for record in reference.records() {
        let record = record.unwrap();
        let of = |name: &str| &record[header.iter().position(|column| column == name).unwrap()];
        let monetary: f64 = of("monetary").parse().unwrap();
        let expected = format!(
            "{},{},{monetary:.2},{},{},{},{}",
            of("recency"),
            of("frequency"),
            of("R"),
            of("F_tiesafe"),
            of("M"),
            label_of(of("segment_tiesafe"))
        );
        assert_eq!(ours.get(of("CustomerID")), Some(&expected), "customer {}", of("CustomerID"));
        compared += 1;
    }
    assert_eq!((compared, ours.len()), (4338, 4338));
}

#[test]
fn foodmart_keeps_every_customer_and_every_cent() {
    let files =
        ["customer", "sales_fact_1997", "sales_fact_dec_1998", "product", "product_class", "store", "time_by_day"];
    let files: Vec<String> = files.iter().map(|file| format!("foodmart/{file}.csv")).collect();
    let Some(shop) = project("foodmart", &files.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM raw.customers"), "10281");
    assert_eq!(shop.value("SELECT count(*) FROM match.identities"), "10281");
    // 86,837 lines of 1997 with 565,238.13 in all, bought by 5,581 customers: the figures that FoodMart states.
    let sales_1997 = "FROM clean.orders WHERE ordered_at < TIMESTAMP '1998-01-01 00:00:00'";
    assert_eq!(shop.value("SELECT count(*) FROM raw.sales WHERE _file LIKE '%1997%'"), "86837");
    assert_eq!(shop.value(&format!("SELECT sum(amount), count(DISTINCT record_id) {sales_1997}")), "565238.13,5581");
    assert_eq!(shop.value("SELECT count(*) FROM raw.sales"), (86837 + 18325).to_string());
    // Everybody is somewhere in the life of a customer.
    let customers = shop.value("SELECT count(*) FROM profile.customers");
    assert_eq!(shop.value("SELECT count(*) FROM rfm.lifecycle"), customers);
}
