//! What a customer spent by month, as a small chart in the terminal.

use super::super::lookup::{Row, text_of};
use super::super::output::money;
use crate::chart::terminal;

/// Rows of characters of the chart.
const HEIGHT: usize = 4;

/// The title and the chart; none for a customer who never spent anything in these months.
pub(super) fn draw(months: &[Row]) -> Option<(String, String)> {
    let amounts: Vec<f64> = months.iter().map(|month| text_of(month, "amount").parse().unwrap_or(0.0)).collect();
    let (first, last) = (months.first()?, months.last()?);
    let (peak, &most) = months.iter().zip(&amounts).rev().max_by(|a, b| a.1.total_cmp(b.1))?;
    if most <= 0.0 {
        return None;
    }
    let month = |row: &Row| text_of(row, "month").chars().take(7).collect::<String>();
    let mut chart = String::new();
    for row in terminal::columns(&amounts, most, HEIGHT) {
        // Two characters for a month, so that months can be told apart.
        let wide: String = row.chars().flat_map(|column| [column, ' ']).collect();
        chart.push_str(&format!("  {}\n", wide.trim_end()));
    }
    let ends = format!("{}{:>width$}", month(first), month(last), width = 2 * months.len() - month(first).len() - 1);
    chart.push_str(&format!("  {ends}\n"));
    let title = format!(
        "Spent by month (at most {} {}, in {})",
        money(&text_of(peak, "amount")),
        text_of(peak, "currency"),
        month(peak)
    );
    Some((title, chart))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(amounts: &[&str]) -> Vec<Row> {
        let month = |(at, amount): (usize, &&str)| serde_json::json!({"month": format!("2026-{:02}-01", at + 1), "amount": amount, "currency": "GBP"});
        let rows = amounts.iter().enumerate().map(month);
        rows.filter_map(|row| row.as_object().cloned()).collect()
    }

    #[test]
    fn each_month_is_a_column_and_the_best_is_named() {
        let (title, chart) =
            draw(&months(&["0", "20.00", "1080.00", "-5.00", "540.00", "0", "0", "0"])).expect("a chart");
        assert_eq!(title, "Spent by month (at most 1,080.00 GBP, in 2026-03)");
        assert_eq!(chart, "      █\n      █\n      █   █\n    ▁ █   █\n  2026-01 2026-08\n");
    }

    #[test]
    fn nothing_spent_is_no_chart() {
        assert_eq!(draw(&months(&["0", "-5.00"])), None);
        assert_eq!(draw(&[]), None);
    }
}
