//! Fits and predictions on real customer bases, against reference values. They need the folder that the environment
//! variable `ONEFOLD_TEST_DATA` names, and pass without it.

use std::path::PathBuf;

use super::*;

/// The columns `names` of a reference table; none where there is no real data.
fn table(file: &str, names: &[&str]) -> Option<Vec<Vec<f64>>> {
    let path = PathBuf::from(std::env::var_os("ONEFOLD_TEST_DATA")?).join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = reader.headers().unwrap().clone();
    let at: Vec<usize> = names.iter().map(|name| header.iter().position(|column| column == *name).unwrap()).collect();
    let row = |record: csv::StringRecord| at.iter().map(|at| record[*at].parse().unwrap()).collect();
    Some(reader.records().map(|record| row(record.unwrap())).collect())
}

fn histories(rows: &[Vec<f64>]) -> Histories {
    let mut sample = Histories::default();
    for row in rows {
        sample.add(History::new(row[0], row[1], row[2]).unwrap(), 1);
    }
    sample
}

/// A fit must give the reference's log-likelihood and parameters.
fn check<M: BuyingModel + std::fmt::Debug>(sample: &Histories, log_likelihood: f64, parameters: &[f64]) -> Fit<M> {
    let fit = M::fit(sample);
    assert!(fit.converged && fit.identified && fit.warning.is_none(), "{fit:?}");
    assert!((fit.log_likelihood / log_likelihood - 1.0).abs() < 1e-9, "{fit:?} is not {log_likelihood}");
    for (ours, reference) in fit.parameters.values().iter().zip(parameters) {
        assert!((ours / reference - 1.0).abs() < 1e-4, "{fit:?} is not {parameters:?}");
    }
    fit
}

const SAMPLE: &str = "cdnow/cdnow_customers_summary.csv";
const SAMPLE_COLUMNS: [&str; 3] = ["frequency", "recency", "T"];

#[test]
fn the_cdnow_sample_gives_the_published_parameters() {
    let Some(rows) = table(SAMPLE, &SAMPLE_COLUMNS) else { return };
    let sample = histories(&rows);
    check::<Nbd>(&sample, -9_763.660_222, &[0.384_767_687_9, 12.072_085_46]);
    check::<BgNbd>(&sample, -9_582.425_561, &[0.242_592_918_8, 4.413_531_947, 0.792_886_123_7, 2.425_753_516]);
    check::<MbgNbd>(&sample, -9_582.132_685, &[0.524_837_871_7, 6.182_990_88, 0.891_356_279_5, 1.613_999_894]);
    check::<ParetoNbd>(&sample, -9_594.973_93, &[0.553_275_496, 10.577_611_83, 0.606_213_582, 11.667_911_94]);
}

#[test]
fn all_cdnow_customers_give_the_reference_parameters() {
    let Some(days) = table("reference/cdnow_full_summary_days_cal19970930.csv", &["x", "t_x", "T"]) else { return };
    let weeks: Vec<Vec<f64>> = days.iter().map(|row| vec![row[0], row[1] / 7.0, row[2] / 7.0]).collect();
    let sample = histories(&weeks);
    check::<Nbd>(&sample, -96_845.344_24, &[0.387_247_147_9, 12.271_227_48]);
    check::<BgNbd>(&sample, -95_368.443_93, &[0.251_623_949_2, 4.788_942_911, 0.723_433_873, 2.161_089_615]);
    check::<MbgNbd>(&sample, -95_336.958_32, &[0.637_139_829_8, 7.310_290_156, 0.807_474_097_8, 1.228_393_818]);
    check::<ParetoNbd>(&sample, -95_415.118_62, &[0.597_419_882_8, 11.585_657_39, 0.522_185_692, 8.827_763_606]);
    // In days the same customers buy at the same rates, a seventh as large.
    let (by_week, by_day) = (MbgNbd::fit(&sample), MbgNbd::fit(&histories(&days)));
    assert!((by_day.parameters.alpha / by_week.parameters.alpha / 7.0 - 1.0).abs() < 1e-7, "{by_day:?} {by_week:?}");
    assert!((by_day.parameters.b / by_week.parameters.b - 1.0).abs() < 1e-7);
}

#[test]
fn spends_give_the_reference_parameters() {
    let Some(rows) = table("reference/cdnow_sample_summary_gammagamma.csv", &["x", "m_x", "cond_exp_avg_value"]) else {
        return;
    };
    let mut sample = Spends::default();
    for row in &rows {
        sample.add(Spend::new(row[0], row[1]).unwrap(), 1);
    }
    let fit = GammaGamma::fit(&sample);
    assert!(fit.converged && fit.identified && fit.n == 946, "{fit:?}");
    assert!((fit.log_likelihood + 4_055.923_244).abs() < 1e-5, "{fit:?}");
    let reference = GammaGamma { p: 6.248_801_72, q: 3.744_588_452, v: 15.447_749_66 };
    for (ours, reference) in fit.parameters.values().iter().zip(reference.values()) {
        assert!((ours / reference - 1.0).abs() < 1e-4, "{fit:?}");
    }
    for row in &rows {
        let ours = reference.expected_spend(&Spend::new(row[0], row[1]).unwrap());
        assert!((ours / row[2] - 1.0).abs() < 1e-8, "{row:?}: {ours}");
    }
}

/// The model's P(alive) and expected orders in 1, 13, 39 and 52 weeks must be the reference's for every customer.
fn check_predictions<M: BuyingModel>(file: &str, model: &M) {
    let columns = ["x", "t_x", "T", "p_alive", "exp_purch_1w", "exp_purch_13w", "exp_purch_39w", "exp_purch_52w"];
    let Some(rows) = table(file, &columns) else { return };
    for row in rows {
        let history = History::new(row[0], row[1], row[2]).unwrap();
        let ours = [1.0, 13.0, 39.0, 52.0].map(|weeks| model.expected_orders(&history, weeks));
        for (ours, reference) in std::iter::once(model.p_alive(&history)).chain(ours).zip(&row[3..]) {
            // The reference files round to ten digits, parameters as well.
            assert!((ours / reference - 1.0).abs() < 2e-9, "{}: {row:?}: {ours}", M::NAME);
        }
    }
}

#[test]
fn predictions_are_those_of_the_reference_for_all_2357_customers() {
    let [r, alpha, a, b] = [0.242_592_918_8, 4.413_531_947, 0.792_886_123_7, 2.425_753_516];
    check_predictions("reference/cdnow_sample_summary_bgnbd.csv", &BgNbd { r, alpha, a, b });
    let [r, alpha, a, b] = [0.524_837_871_7, 6.182_990_88, 0.891_356_279_5, 1.613_999_894];
    check_predictions("reference/cdnow_sample_summary_mbgnbd.csv", &MbgNbd { r, alpha, a, b });
    let [r, alpha, s, beta] = [0.553_275_496, 10.577_611_83, 0.606_213_582, 11.667_911_94];
    check_predictions("reference/cdnow_sample_summary_pnbd.csv", &ParetoNbd { r, alpha, s, beta });
}

#[test]
fn a_shop_whose_customers_do_not_show_when_they_leave_falls_back_to_nbd() {
    let Some(rows) = table("reference/online_retail_summary_days.csv", &["x", "t_x", "T"]) else { return };
    let sample = histories(&rows);
    let never = Nbd::fit(&sample);
    let (bg, mbg, pareto) = (BgNbd::fit(&sample), MbgNbd::fit(&sample), ParetoNbd::fit(&sample));
    assert!(!bg.identified && !mbg.identified && !pareto.identified);
    assert!(mbg.warning.as_ref().unwrap().starts_with("these customers do not show when they leave"));
    let history = History::new(3.0, 100.0, 200.0).unwrap();
    for (p_alive, orders) in [
        (bg.parameters.p_alive(&history), bg.parameters.expected_orders(&history, 90.0)),
        (mbg.parameters.p_alive(&history), mbg.parameters.expected_orders(&history, 90.0)),
        (pareto.parameters.p_alive(&history), pareto.parameters.expected_orders(&history, 90.0)),
    ] {
        assert_eq!(p_alive, 1.0);
        assert!((orders / never.parameters.expected_orders(&history, 90.0) - 1.0).abs() < 1e-12, "{orders}");
    }
}

#[test]
fn residual_orders_are_those_of_the_reference() {
    let Some(rows) = table("reference/pnbd_dert.csv", &["x", "t_x", "T", "delta_week", "dert_numeric"]) else { return };
    let model = ParetoNbd { r: 0.5533, alpha: 10.5776, s: 0.6062, beta: 11.6673 };
    for row in rows {
        let ours = model.residual_orders(&History::new(row[0], row[1], row[2]).unwrap(), row[3]);
        assert!((ours / row[4] - 1.0).abs() < 1e-12, "{row:?}: {ours}");
    }
}

#[test]
fn donations_give_the_published_fit_and_the_reference_predictions() {
    let columns = ["frequency", "recency", "periods", "weights", "p_alive_next", "cond_exp_5"];
    let Some(rows) = table("reference/bgbb_donations_lifetimes.csv", &columns) else { return };
    let mut sample = Histories::default();
    let history = |row: &[f64]| History::of_occasions(row[0], row[1], row[2]).unwrap();
    for row in &rows {
        sample.add(history(row), row[3] as u64);
    }
    let fit = BgBb::fit(&sample);
    assert!(fit.converged && fit.identified && fit.n == 11_104, "{fit:?}");
    // Fader, Hardie, Shang (2010), table 3.
    assert!((fit.log_likelihood + 33_225.6).abs() < 0.05, "{fit:?}");
    for (ours, published) in fit.parameters.values().iter().zip([1.204, 0.750, 0.657, 2.783]) {
        assert!((ours - published).abs() < 6e-4, "{fit:?}");
    }
    for row in &rows {
        let ours = [fit.parameters.p_alive(&history(row)), fit.parameters.expected_orders(&history(row), 5.0)];
        for (ours, reference) in ours.iter().zip(&row[4..]) {
            assert!((ours / reference - 1.0).abs() < 1e-4, "{row:?}: {ours}");
        }
    }
}

#[test]
fn a_year_at_one_per_cent_a_month_is_worth_what_the_peer_says_but_for_its_grid_of_months() {
    let columns = ["frequency", "recency", "T", "monetary_value", "clv_12m_dr1pct_freqW"];
    let Some(rows) = table("reference/gammagamma_clv_cdnow_sample_lifetimes.csv", &columns) else { return };
    let buying = BgNbd { r: 0.242_592_918_8, alpha: 4.413_531_947, a: 0.792_886_123_7, b: 2.425_753_516 };
    let spending = GammaGamma { p: 6.248_801_72, q: 3.744_588_452, v: 15.447_749_66 };
    for row in rows {
        let history = History::new(row[0], row[1], row[2]).unwrap();
        let spend = spending.expected_spend(&Spend::new(row[0], row[3]).unwrap());
        let rate = 1.01_f64.powi(12) - 1.0;
        let ours = buying.clv(&history, spend, 12.0 * 4.345, rate, 12.0 * 4.345);
        // The peer pays at the end of each month, on average half a month late.
        assert!((ours / row[4] / 1.01_f64.sqrt() - 1.0).abs() < 1e-3, "{row:?}: {ours}");
    }
}

#[test]
fn the_backtest_of_cdnow_expects_the_reference_numbers_of_holdout_orders() {
    let file = "reference/cdnow_full_summary_days_cal19970930.csv";
    let Some(rows) = table(file, &["x", "t_x", "T", "x_star"]) else { return };
    let mut customers = Holdouts::default();
    for row in &rows {
        let history = History::new(row[0], row[1] / 7.0, row[2] / 7.0).unwrap();
        customers.add(Holdout { history, orders: row[3] }, 1);
    }
    let (mbg, bg, pareto) = (
        backtest::<MbgNbd>(&customers, 39.0),
        backtest::<BgNbd>(&customers, 39.0),
        backtest::<ParetoNbd>(&customers, 39.0),
    );
    assert_eq!(mbg.orders.actual, 19_684.0);
    assert!((mbg.orders.expected - 15_933.599_77).abs() < 0.1, "{}", mbg.orders.expected);
    assert!((bg.orders.expected - 16_873.732_72).abs() < 0.1, "{}", bg.orders.expected);
    assert!((pareto.orders.expected - 17_153.188_35).abs() < 0.1, "{}", pareto.orders.expected);
    assert!(mbg.orders.mean_absolute_error < mbg.orders.mean_absolute_error_naive, "{mbg:?}");
    assert_eq!(mbg.orders.by_frequency.iter().map(|bucket| bucket.customers).sum::<u64>(), 23_570);
    assert!(mbg.orders.by_frequency.windows(2).all(|pair| pair[0].expected_mean < pair[1].expected_mean), "{mbg:?}");
    let mut histories = Histories::default();
    for row in &rows {
        histories.add(History::new(row[0], row[1] / 7.0, row[2] / 7.0).unwrap(), 1);
    }
    for row in frequencies(&mbg.fit.parameters, &histories, 7) {
        assert!((row.expected / row.actual - 1.0).abs() < 0.25, "{row:?}");
    }
}
