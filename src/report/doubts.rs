//! The customers that a person should look at: their records side by side, and what the weakest link weighs.

use super::html::Html;
use super::{CHART, Report, waterfall};
use crate::chart::{bits, escape, thousands};
use crate::identity::linkage::diagnose::{Attribute, Doubt};
use crate::identity::linkage::probability;

/// Characters of a value that are shown.
const VALUE: usize = 160;

pub(super) fn doubts(report: &Report<'_>) -> Html {
    let mut html = Html::default();
    let doubts = &report.diagnostics.doubts;
    if doubts.is_empty() {
        html.element("p", "", "No customer has several records.");
        return html;
    }
    html.element(
        "p",
        "",
        "Each customer is held together by links; without its weakest it would be two. Here are those with the weakest ones. \
         What differs from the first record is marked.",
    );
    for doubt in doubts {
        html.append(&one(doubt));
    }
    html
}

fn one(doubt: &Doubt) -> Html {
    let mut html = Html::default();
    let [left, right] = [&doubt.records[0], &doubt.records[1]];
    html.raw("<article>\n");
    html.element("h3", "", &format!("{left} and {right}"));
    let count = thousands((doubt.records.len() + doubt.more) as u64);
    html.element(
        "p",
        "",
        &format!(
            "A customer of {count} records; the weakest link weighs {} bits: a probability of {:.3} by itself.",
            bits(doubt.weight),
            probability(doubt.weight)
        ),
    );
    html.append(&side_by_side(doubt));
    let chart = waterfall([left, right], &doubt.waterfall).draw(CHART);
    html.figure(&chart, "What speaks for one person and what against, column by column.");
    html.raw("</article>\n");
    html
}

fn side_by_side(doubt: &Doubt) -> Html {
    let mut html = Html::default();
    html.raw("<div class=\"wide\" tabindex=\"0\"><table class=\"records\">\n<thead><tr><td></td>");
    for record in &doubt.records {
        html.element("th", "scope=\"col\"", record);
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for attribute in &doubt.attributes {
        html.raw("<tr>");
        html.element("th", "scope=\"row\"", &attribute.column);
        for value in &attribute.values {
            html.raw(&cell(attribute, value.as_deref()));
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table></div>\n");
    if doubt.more > 0 {
        html.element("p", "class=\"dim\"", &format!("and {} more records", thousands(doubt.more as u64)));
    }
    html
}

/// A value, marked where it differs from the first record's.
fn cell(attribute: &Attribute, value: Option<&str>) -> String {
    let Some(value) = value else { return "<td class=\"dim\">–</td>".to_owned() };
    let first = attribute.values.iter().flatten().next();
    let differs = first.is_some_and(|first| first.to_lowercase() != value.to_lowercase());
    let mut shown: String = value.chars().take(VALUE).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    let shown = escape(&shown);
    if differs { format!("<td><mark>{shown}</mark></td>") } else { format!("<td>{shown}</td>") }
}
