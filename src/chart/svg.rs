//! Shapes and texts become an SVG document. All that comes from data is escaped here.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How all charts look. A page with charts in it has it once; an SVG of its own brings it along.
pub(crate) const STYLE: &str = include_str!("chart.css");

/// Units per character of small text, on average, and a little more: a browser's fonts differ.
const CHARACTER: f32 = 6.6;

/// Where a text stands from its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A chart as SVG. Lengths are in CSS pixels at its natural size, to which the viewer's is scaled.
#[derive(Debug)]
pub(crate) struct Svg {
    width: f32,
    height: f32,
    title: String,
    description: String,
    body: String,
}

impl Svg {
    /// An empty chart; `title` and `description` are what those are told who do not see it.
    pub(super) fn new(width: f32, height: f32, title: &str, description: &str) -> Self {
        Self { width, height, title: title.to_owned(), description: description.to_owned(), body: String::new() }
    }

    /// The element for a page that has [`STYLE`].
    pub(crate) fn inline(&self) -> String {
        self.element("", "")
    }

    /// A file of its own.
    pub(crate) fn alone(&self) -> String {
        let (width, height) = (length(self.width), length(self.height));
        let size = format!(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\"");
        let paper = format!("<style>{STYLE}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n");
        format!("{}\n", self.element(&size, &paper))
    }

    fn element(&self, attributes: &str, before: &str) -> String {
        format!(
            "<svg class=\"chart\"{attributes} viewBox=\"0 0 {} {}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n{before}{}</svg>",
            length(self.width),
            length(self.height),
            escape(&self.title),
            escape(&self.description),
            self.body
        )
    }

    /// What is drawn until the next [`Svg::close`] belongs together, and shows `tip` under the pointer.
    pub(super) fn open(&mut self, tip: &str) {
        let _ = writeln!(self.body, "<g><title>{}</title>", escape(tip));
    }

    pub(super) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// A filled rectangle between two points, in any order.
    pub(super) fn bar(&mut self, class: &str, from: (f32, f32), to: (f32, f32)) {
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let [x, y, width, height] = [x, y, (from.0 - to.0).abs(), (from.1 - to.1).abs()].map(length);
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"1.5\"/>"
        );
    }

    pub(super) fn line(&mut self, class: &str, from: (f32, f32), to: (f32, f32)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(length);
        let _ = writeln!(self.body, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    /// A line through points.
    pub(super) fn polyline(&mut self, class: &str, points: &[(f32, f32)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", length(*x), length(*y))).collect();
        let _ = writeln!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
    }

    /// A point that is seen.
    pub(super) fn dot(&mut self, class: &str, at: (f32, f32)) {
        let _ =
            writeln!(self.body, "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"3\"/>", length(at.0), length(at.1));
    }

    /// One line of text; `at` is where its baseline begins, is centred or ends.
    pub(super) fn text(&mut self, class: &str, anchor: Anchor, at: (f32, f32), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y) = (length(at.0), length(at.1));
        let _ = writeln!(self.body, "<text class=\"{class}\"{anchor} x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
    }
}

/// Two decimals at most, so that the same figures are the same bytes and few of them.
fn length(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// How wide a text will be, about.
pub(super) fn width(text: &str) -> f32 {
    text.width() as f32 * CHARACTER
}

/// The text, or its beginning and `…`, so that it is about `most` wide.
pub(super) fn fit(text: &str, most: f32) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut left = most - CHARACTER;
    let fits = |c: &char| {
        left -= c.width().unwrap_or(0) as f32 * CHARACTER;
        left >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The same for strong letters, which are wider.
pub(super) fn fit_strong(text: &str, most: f32) -> String {
    fit(text, most * 0.88)
}

/// Text inside an element or an attribute of XML and HTML. What XML forbids, such as a NUL, becomes the replacement sign.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            // Marks that turn the direction of writing could make a value look like another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_is_markup() {
        assert_eq!(escape("<script>\"O'Neil\" & Co"), "&lt;script&gt;&quot;O&#39;Neil&quot; &amp; Co");
        assert_eq!(escape("a\u{0}b\u{202e}c\n王"), "a\u{fffd}b\u{fffd}c 王");
    }

    #[test]
    fn long_texts_are_cut_by_how_wide_they_are() {
        assert_eq!(fit("Ana", 40.0), "Ana");
        assert_eq!(fit("Strada Mihai Eminescu 12", 80.0), "Strada Miha…");
        assert_eq!(fit("北京市朝阳区建国路", 80.0), "北京市朝阳…");
    }
}
