//! Fits and backtests for people: tables, and charts of what came beside what was expected.

use nu_ansi_term::Style;

use super::super::output::{Align, paint, say, table, thousands};
use super::backtest;
use super::fit;
use super::models::{Fitted, Tested};
use crate::chart::{Line, Lines, Mark, Panel, figure, terminal};
use crate::value::{Bucket, Compared};

/// Characters of a chart in the terminal.
const PLOT: (usize, usize) = (64, 12);

/// Says what is to be known of the models, on stderr.
pub(super) fn warn<'a>(models: impl IntoIterator<Item = &'a Fitted>) {
    for fitted in models {
        if let Some(warning) = &fitted.warning {
            say(&format!("warning: {}: {warning}", fitted.model));
        }
    }
}

pub(super) fn fit(report: &fit::Report) -> String {
    let head = format!(
        "{} customers in {} transactions of {}, as of {}; times in {}\n\n",
        thousands(report.customers as u64),
        thousands(report.transactions),
        report.file,
        report.as_of,
        report.unit
    );
    let mut text = head + &models(&report.models);
    let ahead = format!("{} {}", report.horizon, report.unit);
    let mut expected = Vec::new();
    if let Some(alive) = report.expected_alive {
        expected.push(format!("{} of them are customers still", whole(alive)));
    }
    if report.expected_orders.is_finite() {
        expected.push(format!("{} orders in the next {ahead}", whole(report.expected_orders)));
    }
    if let Some(value) = report.expected_value {
        expected.push(format!(
            "worth {}{}, discounted at {} % a year",
            whole(value),
            report.currency.as_ref().map(|currency| format!(" {currency}")).unwrap_or_default(),
            figure(report.discount as f32 * 100.0)
        ));
    }
    if !expected.is_empty() {
        text.push_str(&format!("\n  To expect: {}\n", expected.join(", ")));
    }
    if let Some(out) = &report.out {
        text.push_str(&format!("  Predictions for each customer: {}\n", out.display()));
    }
    text
}

fn models(models: &[Fitted]) -> String {
    let row = |fitted: &Fitted| {
        let parameter = |(name, value): (&String, &serde_json::Value)| {
            let value = value.as_f64().map_or_else(|| "unknown".to_owned(), significant);
            format!("{name} {value}")
        };
        let parameters: Vec<String> = fitted.parameters.iter().map(parameter).collect();
        let likelihood =
            if fitted.log_likelihood.is_nan() { String::new() } else { format!("{:.3}", fitted.log_likelihood) };
        vec![fitted.model.to_owned(), thousands(fitted.n), likelihood, parameters.join("  ")]
    };
    let header = [
        ("model", Align::Left),
        ("customers", Align::Right),
        ("log-likelihood", Align::Right),
        ("parameters", Align::Left),
    ];
    table(&header, &models.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn backtest(report: &backtest::Report, chart: &Lines) -> String {
    let mut text = format!(
        "{} customers of {}, fitted on what was before {}, tested on the {} {} up to {}\n\n",
        thousands(report.customers as u64),
        report.of,
        report.calibrated_until,
        figure(report.horizon as f32),
        report.unit,
        report.as_of
    );
    let orders = || report.models.iter().map(|tested| (tested, &tested.orders));
    let spends = || report.models.iter().filter_map(|tested| Some((tested, tested.spend.as_ref()?)));
    text.push_str(&compared("orders came", 4, orders()));
    if report.spend_model.is_some() {
        text.push_str(&format!("\n{}", compared("spend came", 2, spends())));
    }
    text.push_str(&worse("orders", orders()));
    text.push_str(&worse("spend", spends()));
    if let Some(first) = report.models.first() {
        text.push_str(&format!("\n{}\n", bold("Orders of a customer in the holdout, by repeat purchases before it")));
        text.push_str(&by_frequency(&first.orders, 3));
        if let Some(spend) = &first.spend {
            text.push_str(&format!(
                "\n{}\n",
                bold("Spend of a customer in the holdout, by repeat purchases before it")
            ));
            text.push_str(&by_frequency(spend, 2));
        }
    }
    if let Some(panel) = chart.panels.first() {
        text.push_str(&format!("\n{}\n{}", bold(&panel.heading), plot(panel)));
    }
    text
}

/// The models that are no better than the guess that each customer goes on at the own pace.
fn worse<'a>(what: &str, models: impl Iterator<Item = (&'a Tested, &'a Compared)>) -> String {
    let is_worse = |compared: &Compared| compared.mean_absolute_error >= compared.mean_absolute_error_naive;
    let names: Vec<&str> =
        models.filter(|(_, compared)| is_worse(compared)).map(|(tested, _)| tested.fit.model).collect();
    let does = if names.len() == 1 { "does" } else { "do" };
    match names[..] {
        [] => String::new(),
        _ => format!(
            "\n  In {what}, {} {does} not beat the naive guess: do not go by it customer by customer.\n",
            names.join(" and ")
        ),
    }
}

/// What came beside what each model expected; errors with so many decimals.
fn compared<'a>(came: &str, decimals: usize, models: impl Iterator<Item = (&'a Tested, &'a Compared)>) -> String {
    let row = |(tested, compared): (&Tested, &Compared)| {
        vec![
            tested.fit.model.to_owned(),
            whole(compared.actual),
            whole(compared.expected),
            signed_percent(compared.bias),
            digits(compared.mean_absolute_error, decimals),
            digits(compared.mean_absolute_error_naive, decimals),
        ]
    };
    let names = ["model", came, "expected", "bias", "mean error", "naive"];
    let header = names.map(|name| (name, if name == "model" { Align::Left } else { Align::Right }));
    table(&header, &models.map(row).collect::<Vec<_>>())
}

fn by_frequency(compared: &Compared, decimals: usize) -> String {
    let most = compared.by_frequency.iter().flat_map(|b| [b.actual_mean, b.expected_mean]).fold(0.0, f64::max);
    let row = |bucket: &Bucket| {
        vec![
            bucket_name(bucket.frequency, bucket.or_more),
            thousands(bucket.customers),
            digits(bucket.actual_mean, decimals),
            digits(bucket.expected_mean, decimals),
            terminal::bar(bucket.actual_mean, most, 18),
            terminal::bar(bucket.expected_mean, most, 18),
        ]
    };
    let header = [
        ("before", Align::Right),
        ("customers", Align::Right),
        ("came", Align::Right),
        ("expected", Align::Right),
        ("came", Align::Left),
        ("expected", Align::Left),
    ];
    table(&header, &compared.by_frequency.iter().map(row).collect::<Vec<_>>())
}

fn bucket_name(frequency: u32, or_more: bool) -> String {
    format!("{frequency}{}", if or_more { "+" } else { "" })
}

/// A panel in the terminal, between its highest and its lowest value.
fn plot(panel: &Panel) -> String {
    let (across, up) = panel.range();
    let [one, other] = &panel.lines;
    let rows = terminal::plot([&one.points, &other.points], across, up, PLOT);
    let labels = [figure(up.1), figure(up.0)];
    let room = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let label = match at {
            0 => labels[0].as_str(),
            _ if at + 1 == rows.len() => labels[1].as_str(),
            _ => "",
        };
        text.push_str(&format!("  {label:>room$} │{row}\n"));
    }
    let (left, right) = (figure(across.0), figure(across.1));
    let gap = PLOT.0.saturating_sub(left.chars().count() + right.chars().count());
    text.push_str(&format!("  {:room$} └{}\n", "", "─".repeat(PLOT.0)));
    text.push_str(&format!("  {:room$}  {left}{}{right}  {}\n", "", " ".repeat(gap), panel.axis));
    text.push_str(&format!("  {:room$}  ● {}  ○ {}  ◉ both\n", "", one.name, other.name));
    text
}

/// The plots of the first model.
pub(super) fn chart(report: &backtest::Report) -> Lines {
    let Some(tested) = report.models.first() else {
        return Lines { title: report.of.clone(), subtitle: String::new(), panels: Vec::new() };
    };
    let line = |name: &str, points: Vec<(f32, f32)>| Line { name: name.to_owned(), points };
    let tracked = |value: fn(&crate::value::Tracked) -> f64| {
        tested.tracked.iter().map(|point| (point.until as f32, value(point) as f32)).collect::<Vec<_>>()
    };
    let cumulative = Panel {
        heading: "Repeat purchases of all customers so far".to_owned(),
        axis: format!("{} after {}", report.unit, report.calibrated_until),
        lines: [line("came", tracked(|point| point.actual)), line("expected", tracked(|point| point.expected))],
        places: Vec::new(),
        marks: vec![Mark { at: 0.0, label: "fitted up to here".to_owned() }],
    };
    let orders = customers_by_frequency(report, "Orders", &tested.orders);
    let spend = tested.spend.as_ref().filter(|spend| spend.expected.is_finite());
    let spend = spend.map(|spend| customers_by_frequency(report, "Spend", spend));
    let counted = |value: fn(&crate::value::Counted) -> f64| {
        tested.counted.iter().map(|row| (row.frequency as f32, value(row) as f32)).collect::<Vec<_>>()
    };
    let counts = Panel {
        heading: format!("Customers by repeat purchases before {}", report.calibrated_until),
        axis: "repeat purchases".to_owned(),
        lines: [line("came", counted(|row| row.actual)), line("expected", counted(|row| row.expected))],
        places: tested
            .counted
            .iter()
            .map(|row| (row.frequency as f32, bucket_name(row.frequency, row.or_more)))
            .collect(),
        marks: Vec::new(),
    };
    let panels = [cumulative, orders].into_iter().chain(spend).chain([counts]);
    let panels = if tested.tracked.is_empty() { Vec::new() } else { panels.collect() };
    Lines {
        title: format!("{} on {}", tested.fit.model, report.of),
        subtitle: format!(
            "{} orders came in the holdout up to {}, {} were expected ({}); mean error of a customer {:.3}, naive {:.3}",
            whole(tested.orders.actual),
            report.as_of,
            whole(tested.orders.expected),
            signed_percent(tested.orders.bias),
            tested.orders.mean_absolute_error,
            tested.orders.mean_absolute_error_naive
        ),
        panels,
    }
}

/// Orders or spend of a customer in the holdout, by how often he had bought before it.
fn customers_by_frequency(report: &backtest::Report, what: &str, compared: &Compared) -> Panel {
    let buckets = || compared.by_frequency.iter();
    let line = |name: &str, value: fn(&Bucket) -> f64| Line {
        name: name.to_owned(),
        points: buckets().map(|bucket| (bucket.frequency as f32, value(bucket) as f32)).collect(),
    };
    Panel {
        heading: format!(
            "{what} of a customer in the {} {} from {} on",
            figure(report.horizon as f32),
            report.unit,
            report.calibrated_until
        ),
        axis: "repeat purchases before".to_owned(),
        lines: [line("came", |bucket| bucket.actual_mean), line("expected", |bucket| bucket.expected_mean)],
        places: buckets()
            .map(|bucket| (bucket.frequency as f32, bucket_name(bucket.frequency, bucket.or_more)))
            .collect(),
        marks: Vec::new(),
    }
}

/// A share with its sign.
fn signed_percent(share: f64) -> String {
    if share.is_nan() { "unknown".to_owned() } else { format!("{:+.1} %", share * 100.0).replace('-', "−") }
}

fn digits(number: f64, after: usize) -> String {
    if number.is_finite() { format!("{number:.after$}") } else { "unknown".to_owned() }
}

fn whole(number: f64) -> String {
    if number.is_finite() { thousands(number.round().max(0.0) as u64) } else { "unknown".to_owned() }
}

/// A parameter with six digits that count.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = 5 - value.abs().log10().floor() as i32;
    match digits {
        0..=12 => format!("{value:.*}", digits as usize),
        _ => format!("{value:.5e}"),
    }
}

fn bold(text: &str) -> String {
    paint(text, Style::new().bold())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_six_digits_that_count() {
        assert_eq!([0.637_139_8, 15.447_749, 0.0, 123_456.7].map(significant), ["0.637140", "15.4477", "0", "123457"]);
        assert_eq!(significant(4.2e-12), "4.20000e-12");
        assert_eq!([-0.1905, 0.25, f64::NAN].map(signed_percent), ["−19.1 %", "+25.0 %", "unknown"]);
    }
}
