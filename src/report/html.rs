//! Elements of a page. All text is escaped on its way in.

use crate::chart::{Svg, escape};

/// A piece of a page.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// An element with text in it.
    pub(super) fn element(&mut self, name: &str, attributes: &str, text: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        self.0.push_str(&format!("<{name}{space}{attributes}>{}</{name}>\n", escape(text)));
    }

    /// A chart with what there is to say of it.
    pub(super) fn figure(&mut self, chart: &Svg, caption: &str) {
        self.0.push_str(&format!(
            "<figure>\n{}\n<figcaption>{}</figcaption>\n</figure>\n",
            chart.inline(),
            escape(caption)
        ));
    }
}

/// A table with a header; columns after `texts` are figures and stand at the right.
pub(super) fn table(header: &[&str], texts: usize, rows: &[Vec<String>]) -> Html {
    let mut html = Html::default();
    let class = |at: usize| if at < texts { "" } else { "class=\"figure\"" };
    html.raw("<div class=\"wide\" tabindex=\"0\"><table class=\"compared\">\n<thead><tr>");
    for (at, name) in header.iter().enumerate() {
        html.element("th", &format!("scope=\"col\" {}", class(at)), name);
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.raw("<tr>");
        for (at, cell) in row.iter().enumerate() {
            if at == 0 {
                html.element("th", "scope=\"row\"", cell);
            } else {
                html.element("td", class(at), cell);
            }
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table></div>\n");
    html
}

/// The whole page. Its policy forbids scripts and everything from elsewhere.
pub(super) fn page(title: &str, style: &str, body: &Html) -> String {
    format!(
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\"/>
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>
<meta name=\"color-scheme\" content=\"light dark\"/>
<meta name=\"referrer\" content=\"no-referrer\"/>
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>
<title>{}</title>
<style>{style}</style>
</head>
<body>
<main>
{}</main>
</body>
</html>
",
        escape(title),
        body.0
    )
}
