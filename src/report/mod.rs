//! The report of a linkage: one HTML page that shows what was compared, what was learnt and what is doubtful.
//!
//! The page asks nothing of elsewhere (no script, font or picture), is the same bytes for the same linkage, and is
//! well-formed XML, too. Personal values stand only with the least certain customers.

mod doubts;
mod html;
mod learnt;
mod seen;
mod waterfall;

use crate::chart::{STYLE, thousands};
use crate::identity::linkage::Linkage;
use crate::identity::linkage::diagnose::Diagnostics;
use html::Html;
pub(crate) use waterfall::waterfall;

/// How wide charts are in the page: a phone shows them at nearly their natural size.
const CHART: f32 = 400.0;

/// What the page is about.
pub(crate) struct Report<'a> {
    /// The files that were read.
    pub(crate) files: Vec<String>,
    pub(crate) linkage: &'a Linkage,
    pub(crate) diagnostics: &'a Diagnostics,
    /// Records that could not be read.
    pub(crate) quarantined: u64,
    /// How probable it must be that two records are one person.
    pub(crate) threshold: f64,
    /// What makes the answer doubtful.
    pub(crate) warnings: &'a [String],
}

/// A section: where it is, what it is called, what is in it.
type Section = (&'static str, &'static str, fn(&Report<'_>) -> Html);

const SECTIONS: [Section; 7] = [
    ("summary", "In short", summary),
    ("columns", "What the columns hold", seen::columns),
    ("blocking", "Which pairs were compared", seen::blocking),
    ("weights", "What an agreement weighs", learnt::weights),
    ("pairs", "How the pairs' weights are spread", learnt::pairs),
    ("sizes", "Customers by their number of records", learnt::sizes),
    ("doubts", "The least certain customers", doubts::doubts),
];

impl Report<'_> {
    pub(crate) fn page(&self) -> String {
        let linkage = self.linkage;
        let title = format!("Who is who in {} records", thousands(linkage.customer_ids.len() as u64));
        let mut body = Html::default();
        body.element("h1", "", &title);
        body.element("p", "class=\"dim\"", &format!("Onefold, from {}", self.files.join(", ")));
        body.element(
            "p",
            "class=\"personal\"",
            "This file holds personal data: records of the least certain customers, with names and addresses. Keep it like \
             the records themselves, and delete it with them.",
        );
        body.raw("<nav aria-label=\"Sections\"><ul>");
        for (id, name, _) in SECTIONS {
            body.raw(&format!("<li><a href=\"#{id}\">{name}</a></li>"));
        }
        body.raw("</ul></nav>\n");
        for (id, name, section) in SECTIONS {
            body.raw(&format!("<section id=\"{id}\">\n<h2>{name}</h2>\n"));
            body.append(&section(self));
            body.raw("</section>\n");
        }
        html::page(&title, &format!("{STYLE}{}", include_str!("page.css")), &body)
    }
}

/// The figures that one asks for first.
fn summary(report: &Report<'_>) -> Html {
    let (linkage, blocking) = (report.linkage, &report.diagnostics.blocking);
    let share = |share: Option<f64>| share.map_or_else(|| "unknown".to_owned(), |share| format!("{share:.3}"));
    let all = linkage.expected_recall.zip(blocking.recall).map(|(compared, found)| compared * found);
    let count = |number: usize| thousands(number as u64);
    let mut facts = vec![
        ("records", count(linkage.customer_ids.len()), "that were read"),
        ("customers", count(linkage.customers), "people, as far as the records tell"),
        ("pairs compared", thousands(blocking.compared), "of records"),
        ("expected precision", share(linkage.expected_precision), "of the compared pairs that were put together"),
        ("expected recall", share(linkage.expected_recall), "of the compared pairs that are one person's"),
        ("estimated recall of blocking", share(blocking.recall), "of one person's pairs that were compared at all"),
        ("both recalls together", share(all), "of all pairs that are one person's"),
    ];
    if report.quarantined > 0 {
        facts.push(("not readable", thousands(report.quarantined), "records, left out"));
    }
    let mut html = Html::default();
    html.raw("<dl class=\"facts\">\n");
    for (name, figure, what) in facts {
        html.raw("<div>");
        html.element("dt", "", name);
        html.element("dd", "class=\"figure\"", &figure);
        html.element("dd", "class=\"dim\"", what);
        html.raw("</div>\n");
    }
    html.raw("</dl>\n");
    for warning in report.warnings {
        html.element("p", "class=\"warning\"", &format!("Warning: {warning}"));
    }
    html.element(
        "p",
        "",
        "Precision and recall are what the model expects of itself, without labels: it sums up how probable each of its \
         pairs is. Where the model is wrong, they are wrong with it; a few dozen pairs looked at by a person tell more.",
    );
    html
}
