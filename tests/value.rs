//! Lifetime value: in SQL, in a project, and as the command `onefold value`, on real transactions where they are there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Shop, real_data, repository};

/// A folder with CDNOW's 69,659 transactions of 23,570 customers; none where there is no real data.
fn cdnow() -> Option<Shop> {
    let transactions = std::fs::read(real_data()?.join("cdnow/transactions.csv")).unwrap();
    Some(Shop::new("name = \"cdnow\"\n").write("transactions.csv", transactions))
}

/// A CSV text as columns by name.
fn columns(text: &[u8]) -> BTreeMap<String, Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for record in reader.records() {
        for (name, value) in header.iter().zip(&record.unwrap()) {
            columns.entry(name.clone()).or_default().push(value.parse().unwrap_or(f64::NAN));
        }
    }
    columns
}

fn reference(file: &str) -> BTreeMap<String, Vec<f64>> {
    columns(&std::fs::read(real_data().unwrap().join("reference").join(file)).unwrap())
}

#[track_caller]
fn close(ours: &[f64], theirs: &[f64], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (row, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!((ours / theirs - 1.0).abs() < tolerance, "{what}, row {row}: {ours} is not {theirs}");
    }
}

/// Parameters to 1e-3 and log-likelihoods to 1e-6 of an independent fit; predictions come from the parameters.
#[test]
fn one_sql_statement_takes_cdnow_from_transactions_to_the_reference_predictions() {
    let Some(shop) = cdnow() else { return };
    let script = repository().join("tests/value/cdnow.sql");
    let outcome = shop.run(&["sql", "-f", script.to_str().unwrap(), "--format", "csv"]).ok();
    let ours = columns(outcome.stdout.as_bytes());
    let first = |name: &str| ours[name][0];
    for (model, log_likelihood, parameters) in [
        ("mbg", -95_336.958_32, &[("r", 0.637_140), ("alpha", 7.310_290), ("a", 0.807_474), ("b", 1.228_394)][..]),
        ("bg", -95_368.443_93, &[("r", 0.251_624), ("alpha", 4.788_943), ("a", 0.723_434), ("b", 2.161_090)]),
        ("pareto", -95_415.118_62, &[("r", 0.597_420), ("alpha", 11.585_657), ("s", 0.522_186), ("beta", 8.827_764)]),
        ("spend", -40_763.476_26, &[("p", 6.275_358), ("q", 3.624_451), ("v", 14.983_692)]),
    ] {
        close(&[first(&format!("{model}_ll"))], &[log_likelihood], 1e-6, model);
        for (name, value) in parameters {
            close(&[first(&format!("{model}_{name}"))], &[*value], 1e-3, model);
        }
    }
    close(&[first("spend_n")], &[9_450.0], 1e-12, "spend_n");
    for (model, file) in [("mbg", "mbgnbd"), ("bg", "bgnbd"), ("pareto", "pnbd")] {
        let theirs = reference(&format!("cdnow_full_rawlog_{file}.csv"));
        close(&ours["customer_id"], &theirs["customer_id"], 1e-12, "customers");
        close(&ours[&format!("{model}_p_alive")], &theirs["p_alive"], 1e-3, model);
        close(&ours[&format!("{model}_orders")], &theirs["exp_purch_39w"], 1e-3, model);
    }
    close(&ours["spend"], &reference("cdnow_full_rawlog_gammagamma.csv")["cond_exp_avg_value"], 1e-3, "spend");
}

fn json_of(shop: &Shop, args: &[&str]) -> Value {
    serde_json::from_str(&shop.run(&[args, &["--json"]].concat()).ok().stdout).unwrap()
}

#[track_caller]
fn near(value: &Value, expected: f64, tolerance: f64) {
    let ours = value.as_f64().unwrap();
    assert!((ours / expected - 1.0).abs() < tolerance, "{ours} is not {expected}");
}

#[test]
fn value_fit_finds_the_reference_models_and_writes_what_each_customer_will_buy() {
    let Some(shop) = cdnow() else { return };
    let fit = ["value", "fit", "transactions.csv", "--as-of", "1997-10-01", "--unit", "week", "--horizon", "39"];
    let report = json_of(&shop, &[&fit[..], &["--out", "predictions.csv", "--discount", "0"]].concat());
    assert_eq!((&report["customers"], &report["transactions"]), (&json!(23_570), &json!(69_659)));
    let [mbg, spend] = [&report["models"][0], &report["models"][1]];
    near(&mbg["log_likelihood"], -95_336.958_32, 1e-8);
    near(&mbg["parameters"]["alpha"], 7.310_290_156, 1e-4);
    near(&spend["parameters"]["p"], 6.275_357_929, 1e-4);
    near(&report["expected_alive"], 9_560.357_543, 1e-4);
    near(&report["expected_orders"], 15_933.599_77, 1e-4);
    let ours = columns(&std::fs::read(shop.path().join("predictions.csv")).unwrap());
    let theirs = reference("cdnow_full_rawlog_mbgnbd.csv");
    close(&ours["p_alive"], &theirs["p_alive"], 1e-3, "p_alive");
    close(&ours["predicted_order_frequency_next_39w"], &theirs["exp_purch_39w"], 1e-3, "orders");
    for (row, _) in ours["customer_id"].iter().enumerate() {
        let [p_alive, p_order, orders, spend, clv] = [
            "p_alive",
            "predicted_probability_of_transaction_next_39w",
            "predicted_order_frequency_next_39w",
            "predicted_average_order_revenue_next_39w",
            "predicted_clv_next_39w",
        ]
        .map(|name| ours[name][row]);
        assert!(p_order <= p_alive && p_order <= orders, "row {row}");
        assert!((clv / spend / orders - 1.0).abs() < 1e-9, "row {row}: without a discount value is orders times spend");
    }
    // Ids are those of the file, and other files than CSV have the same.
    let text = std::fs::read_to_string(shop.path().join("predictions.csv")).unwrap();
    assert!(text.lines().nth(1).unwrap().starts_with("00001,0,0,272,"), "{text:.200}");
    let screen = shop.run(&fit).ok().stdout;
    assert!(screen.contains("r 0.637140  alpha 7.31029  a 0.80747"), "{screen}");
    assert!(screen.contains("15,934 orders in the next 39 weeks"), "{screen}");
}

#[test]
fn value_backtest_says_how_far_cdnow_can_be_foreseen() {
    let Some(shop) = cdnow() else { return };
    let args = ["value", "backtest", "--file", "transactions.csv", "--unit", "week", "--horizon", "39"];
    let report = json_of(&shop, &[&args[..], &["--svg", "backtest.svg"]].concat());
    assert_eq!((&report["calibrated_until"], &report["as_of"]), (&json!("1997-10-01"), &json!("1998-07-01")));
    let tested = &report["models"][0];
    assert_eq!(tested["actual"], json!(19_684.0));
    near(&tested["expected"], 15_933.599_77, 1e-4);
    assert!(tested["mean_absolute_error"].as_f64() < tested["mean_absolute_error_naive"].as_f64(), "{tested}");
    let end = tested["tracked"].as_array().unwrap().last().unwrap();
    // All repeat purchases: those up to the calibration's end and those of the holdout.
    let repeats: f64 = reference("cdnow_full_summary_days_cal19970930.csv")["x"].iter().sum();
    assert_eq!(end["actual"], json!(repeats + 19_684.0));
    near(&end["until"], 39.0, 1e-12);
    let svg = std::fs::read_to_string(shop.path().join("backtest.svg")).unwrap();
    assert_eq!(svg.matches("<polyline").count(), 16, "four panels, each with two lines and a legend");
    assert!(svg.contains("Spend of a customer in the 39 weeks from 1997-10-01 on"), "{svg:.2000}");
    // In money: all that was paid in the holdout by those who had bought before it, that is by all of CDNOW's customers.
    let paid = "SELECT sum(CAST(amount AS DOUBLE)) FROM 'transactions.csv' WHERE date >= '1997-10-01'";
    let spend = &tested["spend"];
    near(&spend["actual"], shop.value(paid).parse().unwrap(), 1e-9);
    assert!(spend["mean_absolute_error"].as_f64() < spend["mean_absolute_error_naive"].as_f64(), "{spend}");
    let groups = spend["by_frequency"].as_array().unwrap().iter();
    let sums = groups.map(|group| group["customers"].as_f64().unwrap() * group["expected_mean"].as_f64().unwrap());
    near(&spend["expected"], sums.sum(), 1e-12);
    assert_eq!(report["spend_model"]["model"], "gamma_gamma");
    let screen = shop.run(&args).ok().stdout;
    for part in
        ["mbg_nbd       19,684    15,934  −19.1 %", "fitted on what was before 1997-10-01", "◉ both", "spend came"]
    {
        assert!(screen.contains(part), "no {part} in:\n{screen}");
    }
}

/// Forty customers with a rhythm of their own, and ten who came once.
fn small() -> String {
    let mut text = "Client No;Sold;Sum\n".to_owned();
    for customer in 0..40 {
        for visit in 0..=(customer % 5) {
            let day = jiff::civil::date(2024, 1, 1 + (customer % 20) as i8)
                + jiff::Span::new().days(i64::from(visit * (20 + customer)));
            text.push_str(&format!("C{customer:02};{};{},50\n", day.strftime("%d.%m.%Y"), 10 + customer));
        }
    }
    for customer in 40..50 {
        text.push_str(&format!("C{customer};05.02.2024;1.020,00\n"));
    }
    text
}

const SMALL: [&str; 10] = [
    "--delimiter",
    ";",
    "--customer",
    "Client No",
    "--date",
    "Sold",
    "--date-format",
    "%d.%m.%Y",
    "--decimal-mark",
    ",",
];

#[test]
fn columns_are_named_and_written_as_the_file_has_them() {
    let shop = Shop::new("name = \"small\"\n").write("sales.csv", small());
    let asked = [&["value", "fit", "sales.csv", "--out", "out.parquet", "--amount", "Sum"], &SMALL[..]].concat();
    let report = json_of(&shop, &asked);
    assert_eq!((&report["customers"], &report["warnings"]), (&json!(50), &json!([])));
    assert_eq!(report["models"][1]["n"], json!(32), "who came again");
    let rows = shop.rows(
        "SELECT customer_id, repeat_days, mean_spend FROM 'out.parquet' WHERE customer_id IN ('C04', 'C45') ORDER BY 1",
    );
    assert_eq!(rows, ["C04,4,14.5", "C45,0,"]);
    // Without amounts there are orders and no values.
    let report = json_of(&shop, &[&["value", "fit", "sales.csv"], &SMALL[..]].concat());
    assert_eq!((&report["expected_value"], report["models"].as_array().unwrap().len()), (&Value::Null, 1));
    assert!(report["warnings"][0].as_str().unwrap().starts_with("no column says for how much"), "{report}");
    // The same in weeks.
    let weeks = json_of(&shop, &[&asked[..], &["--unit", "week", "--horizon", "52.142857142857146"]].concat());
    let days = json_of(&shop, &asked);
    near(&weeks["expected_value"], days["expected_value"].as_f64().unwrap(), 1e-3);
}

#[test]
fn what_cannot_be_fitted_is_said_with_what_to_do() {
    let shop = Shop::new("name = \"small\"\n").write("sales.csv", small()).write("two.csv", "who,date\na,2024-01-01\n");
    shop.run(&["value", "fit", "two.csv"])
        .fails(2, &["no column looks like the customer", "`--customer`", "`who`, `date`"]);
    shop.run(&["value", "fit", "two.csv", "--customer", "wo"]).fails(2, &["did you mean `who`?"]);
    shop.run(&["value", "fit", "two.csv", "--customer", "who", "--as-of", "2020-01-01"])
        .fails(2, &["nobody bought anything before 2020-01-01", "from 2024-01-01 to 2024-01-01"]);
    let few = shop.run(&["value", "fit", "two.csv", "--customer", "who"]).ok();
    few.says(&["warning: mbg_nbd: there are no customers with an age above zero: nothing to learn from"]);
    shop.run(&["value", "fit", "sales.csv", "--delimiter", ";", "--customer", "Client No", "--date", "Sold"])
        .fails(2, &["no transaction has a date that can be read", "`--date-format`"]);
    shop.run(&["value", "fit", "two.csv", "--customer", "who", "--out", "two.csv"]).fails(2, &["written over a file"]);
    shop.run(&["value", "fit", "two.csv", "--customer", "who", "--out", "two.doc"])
        .fails(2, &["does not say which format"]);
    shop.run(&["value", "backtest", "--file", "two.csv", "--customer", "who", "--horizon", "30"])
        .fails(2, &["the holdout would have 30", "shorter `--horizon`"]);
    shop.put("none.csv", "customer_id,date,amount\n");
    shop.run(&["value", "fit", "none.csv"]).fails(2, &["there are no transactions in none.csv"]);
    shop.run(&["value", "fit", "two.csv", "--customer", "who", "--horizon", "-3"]).fails(2, &["a number above zero"]);
    let nothing = ["value", "backtest", "--file", "one.csv", "--as-of", "2024-12-01", "--horizon", "30"];
    shop.put("one.csv", "customer_id,date\na,2024-01-01\nb,2024-02-01\n");
    let untold = shop.run(&nothing).ok();
    assert!(untold.stdout.contains("unknown") && !untold.stdout.contains("NaN"), "{}", untold.stdout);
    shop.run(&["value", "backtest", "--file", "two.csv", "--svg", "x.png"]).fails(2, &["a chart is written as SVG"]);
}

#[test]
fn what_is_sold_by_the_piece_and_in_several_currencies_is_not_mixed_up() {
    let rows = "customer,date,quantity,unit_price,currency
a,2024-01-01,2,2.50,EUR
a,2024-02-01,4,0.00001,EUR
a,2024-03-01,3,5.00,eur
a,2024-03-05,-1,5.00,EUR
a,2024-03-06,-1,-5.00,EUR
b,2024-01-05,1,7.00,USD
b,2024-01-09,1,7.00,USD
c,2024-01-09,1,9.00,
";
    let shop = Shop::new("name = \"small\"\n").write("lines.csv", rows);
    shop.run(&["value", "fit", "lines.csv"]).fails(2, &["several currencies: EUR, USD, and none", "`--currency`"]);
    shop.run(&["value", "fit", "lines.csv", "--currency", "RON"])
        .fails(2, &["no transaction of lines.csv is in `RON`"]);
    let euros = ["value", "fit", "lines.csv", "--currency", "eur", "--out", "out.csv"];
    let told = shop.run(&euros).ok();
    told.says(&[
        "the amount is `quantity` times `unit_price`",
        "3 transactions are in other currencies",
        "2 transactions are below zero",
    ]);
    // The first purchase is left out of the mean: (0.00004 + 15) / 2.
    assert_eq!(shop.value("SELECT CAST(mean_spend AS VARCHAR) FROM 'out.csv'"), "7.50002");
    // Without amounts nothing is added up.
    shop.put("visits.csv", "customer,date,currency\na,2024-01-01,EUR\na,2024-02-01,USD\n");
    shop.run(&["value", "fit", "visits.csv"]).ok();
    shop.put("counts.csv", "customer,date,pieces\na,2024-01-01,3\n");
    shop.run(&["value", "fit", "counts.csv", "--quantity", "pieces"]).fails(2, &["no column says what one costs"]);
    shop.put(
        "huge.csv",
        "customer,date,quantity,price\na,2024-01-01,900000000000000,9000000000000000000\na,2024-02-01,1,3\n",
    );
    shop.run(&["value", "fit", "huge.csv"]).ok().says(&["1 transactions have no amount that can be read"]);
    shop.run(&["value", "fit", "huge.csv", "--decimal-mark", ",", "--amount", "price"]).ok();
}

#[test]
fn one_date_in_the_future_moves_nobodys_present() {
    let rows = "customer,date,amount\na,2024-01-01,5\na,2024-03-01,5\nb,2024-02-01,5\nb,2024-03-10,5\n";
    let shop =
        Shop::new("name = \"small\"\n").write("now.csv", rows).write("typo.csv", format!("{rows}b,2099-01-01,5\n"));
    let [now, typo] = ["now.csv", "typo.csv"].map(|file| json_of(&shop, &["value", "fit", file]));
    assert_eq!((&now["as_of"], &typo["as_of"]), (&json!("2024-03-11"), &json!("2024-03-11")));
    assert_eq!(typo["warnings"], json!(["1 transactions lie in the future and are left out"]));
    assert_eq!(now["models"], typo["models"]);
    shop.put("all.csv", "customer,date,amount\na,2099-01-01,5\n");
    shop.run(&["value", "fit", "all.csv"]).fails(2, &["all transactions of all.csv lie in the future", "`--as-of`"]);
    shop.run(&["value", "fit", "all.csv", "--as-of", "2100-01-01"]).ok();
}

#[test]
fn a_file_and_a_project_say_the_same_of_a_customer() {
    let shop = Shop::copy(&repository().join("data/shop"));
    shop.run(&["refresh", "--as-of", "2026-06-30"]).ok();
    shop.run(&[
        "sql",
        "-c",
        "COPY (SELECT customer_id, ordered_at, amount FROM profile.orders WHERE is_purchase AND currency = 'GBP') TO 'orders.csv'",
    ])
    .ok();
    shop.run(&["value", "fit", "orders.csv", "--as-of", "2026-06-30", "--out", "fit.parquet"]).ok();
    let others = "SELECT count(*), count(*) FILTER (WHERE f.predicted_customer_lifecycle_status <> p.predicted_customer_lifecycle_status)
        FROM rfm.predictions AS p JOIN 'fit.parquet' AS f ON f.customer_id = p.customer_id";
    let counts = shop.value(others);
    assert!(counts.ends_with(",0") && !counts.starts_with('0'), "{counts}");
    let tiers = "SELECT predicted_customer_lifetime_value_tier, count(*) FROM 'fit.parquet' GROUP BY 1 ORDER BY min(predicted_clv_next_365d) DESC";
    let tiers: Vec<String> = shop.rows(tiers).iter().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(tiers, ["platinum", "gold", "silver", "bronze", "medium", "low"]);
}

/// Online Retail's customers do not show when they leave.
#[test]
fn in_a_project_a_model_without_dropout_says_so_and_knows_nobody_gone() {
    let Some(data) = real_data() else { return };
    let shop = Shop::copy(&repository().join("tests/projects/online_retail"));
    shop.put("data/online_retail.parquet", std::fs::read(data.join("online_retail/online_retail.parquet")).unwrap());
    let told = shop.run(&["refresh"]).ok();
    told.says(&["Predicted lifetime values are to be read with care"]);
    let models = shop.rows("SELECT model, a, identified, warning FROM rfm.value_models ORDER BY model");
    assert!(
        models[1].starts_with("mbg_nbd,0.0,false,") && models[1].contains("do not show when they leave"),
        "{models:?}"
    );
    let nobody =
        "SELECT count(p_alive), count(*) > 4000, count(predicted_clv_next_365d) = count(*) FROM rfm.predictions";
    assert_eq!(shop.value(nobody), "0,true,true");
    let status = "SELECT count(*) FROM rfm.predictions AS p JOIN rfm.lifecycle AS l ON l.customer_id = p.customer_id
                  WHERE p.predicted_customer_lifecycle_status <> l.lifecycle";
    assert_eq!(shop.value(status), "0", "by the own rhythm");
    let customer = shop.value("SELECT min(customer_id) FROM rfm.predictions");
    let screen = shop.run(&["customer", &customer]).ok().stdout;
    assert!(screen.contains("alive       unknown, as customers do not show when they leave; buys within"), "{screen}");
    let report = json_of(&shop, &["value", "backtest", "--horizon", "90"]);
    assert_eq!(report["models"][0]["fit"]["identified"], json!(false));
}

#[test]
fn the_sample_shop_has_predictions_that_hang_together() {
    let shop = Shop::copy(&repository().join("data/shop"));
    shop.run(&["refresh", "--as-of", "2026-06-30"]).ok();
    let sums = shop.value(
        "SELECT bool_and(p_alive BETWEEN 0 AND 1), bool_and(predicted_clv_next_365d <= predicted_clv),
                count(DISTINCT currency), count(*) = (SELECT count(*) FROM rfm.buyers) FROM rfm.predictions",
    );
    assert_eq!(sums, "true,true,1,true");
    // Ranks: nobody of a lower tier is worth more, and equal values are in one tier.
    let tiers =
        "SELECT predicted_customer_lifetime_value_tier, min(predicted_clv_next_365d), max(predicted_clv_next_365d)
                 FROM rfm.predictions GROUP BY 1 ORDER BY 2 DESC";
    let tiers = shop.rows(tiers);
    let names: Vec<&str> = tiers.iter().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(names, ["platinum", "gold", "silver", "bronze", "medium", "low"]);
    // The fit is that of the functions on the same histories, which anybody can call.
    let again = "SELECT abs(m.r / f.fit['r'] - 1) < 1e-12 FROM rfm.value_models AS m CROSS JOIN
                 (SELECT mbg_nbd_fit(repeat_days, first_to_last_days, age_days) AS fit FROM rfm.buyers) AS f
                 WHERE m.model = 'mbg_nbd'";
    assert_eq!(shop.value(again), "true");
    let lost = shop.value(
        "SELECT customer_id FROM rfm.predictions WHERE p_alive IS NOT NULL ORDER BY predicted_clv_next_365d DESC LIMIT 1",
    );
    let screen = shop.run(&["customer", &lost]).ok().stdout;
    assert!(screen.contains("in the next 365 days (") && screen.contains("tier platinum"), "{screen}");
    let value = &json_of(&shop, &["customer", &lost])["value"];
    assert!(value["p_alive"].is_number() && value["predicted_clv_next_365d"].is_string(), "{value}");
    // A horizon of its own, at another rate.
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    shop.put("onefold.toml", config.replace("[params]", "[params]\nclv_horizon_days = 365\nclv_annual_rate = 0.0"));
    shop.run(&["run", "--as-of", "2026-06-30"]).ok();
    let same = "SELECT count(*) FROM rfm.predictions WHERE predicted_clv <> predicted_clv_next_365d
                OR abs(CAST(predicted_clv AS DOUBLE) - predicted_order_frequency_next_365d
                       * CAST(predicted_average_order_revenue_next_365d AS DOUBLE)) > 0.02 + 0.006 * predicted_order_frequency_next_365d";
    assert_eq!(shop.value(same), "0");
    let report = json_of(&shop, &["value", "backtest", "--horizon", "180"]);
    let tested = &report["models"][0];
    assert!(tested["mean_absolute_error"].as_f64() < tested["mean_absolute_error_naive"].as_f64(), "{tested}");
}
