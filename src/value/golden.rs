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
    rows.iter().for_each(|row| sample.add(History::new(row[0], row[1], row[2]).unwrap(), 1));
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
}
