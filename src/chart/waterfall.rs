//! A sum taken apart: bars that begin where the one before ended, from a start to the whole.

use super::number::bits;
use super::scale::Scale;
use super::svg::{Anchor, Svg, fit, fit_strong, width};

/// One bar.
#[derive(Debug, Clone)]
pub(crate) struct Fall {
    pub(crate) label: String,
    /// Why it is as it is.
    pub(crate) detail: String,
    pub(crate) value: f32,
}

/// A sum of bits and its parts.
#[derive(Debug, Clone)]
pub(crate) struct Waterfall {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) falls: Vec<Fall>,
    /// The last bar, from zero.
    pub(crate) whole: Fall,
    /// What a sum of zero means.
    pub(crate) zero: String,
    /// What did not count.
    pub(crate) note: String,
}

/// Where a bar begins and ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: f32,
    pub(crate) to: f32,
}

const TOP: f32 = 62.0;
const ROW: f32 = 42.0;
const BAR: f32 = 20.0;
/// Above and below a bar.
const GAP: f32 = (ROW - BAR) / 2.0;
const MARGIN: f32 = 14.0;

impl Waterfall {
    /// Of each part where its bar begins and ends, and of the whole.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut from = 0.0;
        let part = |fall: &Fall| {
            let span = Span { from, to: from + fall.value };
            from = span.to;
            span
        };
        let mut spans: Vec<Span> = self.falls.iter().map(part).collect();
        spans.push(Span { from: 0.0, to: self.whole.value });
        spans
    }

    /// The values that the bars reach, zero among them.
    pub(crate) fn range(&self) -> (f32, f32) {
        let ends = self.spans().into_iter().map(|span| span.to);
        ends.fold((0.0, 0.0), |(low, high): (f32, f32), end| (low.min(end), high.max(end)))
    }

    /// As SVG, for a slide (960 wide) or a phone (420).
    pub(crate) fn draw(&self, wide: f32) -> Svg {
        let rows = self.falls.len() as f32 + 1.0;
        let bottom = TOP + rows * ROW + 8.0;
        let note = if self.note.is_empty() { 0.0 } else { 22.0 };
        let mut svg = Svg::new(wide, bottom + 44.0 + note, &self.title, &self.told());
        let text = (wide * 0.44 - MARGIN).min(400.0);
        let (low, high) = self.range();
        // Room for the figures beside the outermost bars.
        let room = width("+00.0") + 8.0;
        let x = Scale::new((low, high), (MARGIN + text + 12.0 + room, wide - MARGIN - room));
        svg.text("head", Anchor::Start, (MARGIN, 26.0), &fit_strong(&self.title, (wide - 2.0 * MARGIN) * 0.8));
        svg.text("dim", Anchor::Start, (MARGIN, 46.0), &fit(&self.subtitle, wide - 2.0 * MARGIN));
        for tick in x.ticks(if wide < 600.0 { 4 } else { 8 }) {
            let class = if tick == 0.0 { "axis" } else { "" };
            svg.line(class, (x.at(tick), TOP), (x.at(tick), bottom));
            let label = format!("{tick}").replace('-', "−");
            svg.text("dim figure", Anchor::Middle, (x.at(tick), bottom + 16.0), &label);
        }
        let spans = self.spans();
        for (at, (fall, span)) in self.falls.iter().chain([&self.whole]).zip(&spans).enumerate() {
            let y = TOP + at as f32 * ROW;
            svg.open(&format!("{}: {} ({})", fall.label, bits(fall.value), fall.detail));
            svg.text("strong", Anchor::Start, (MARGIN, y + 17.0), &fit_strong(&fall.label, text));
            svg.text("dim", Anchor::Start, (MARGIN, y + 33.0), &fit(&fall.detail, text));
            let class = match at {
                _ if at == self.falls.len() => "whole",
                _ if fall.value < 0.0 => "against",
                _ => "for",
            };
            bar(&mut svg, class, &x, *span, y + GAP);
            svg.close();
            if let Some(next) = spans.get(at + 1) {
                let (end, below) = (x.at(span.to), y + ROW - GAP);
                let reaches = if at + 1 == self.falls.len() { next.to } else { next.from };
                debug_assert!((reaches - span.to).abs() < 0.1, "{} ends elsewhere", fall.label);
                svg.line("axis", (end, below), (end, below + 2.0 * GAP));
            }
        }
        svg.text("dim", Anchor::End, (wide - MARGIN, bottom + 34.0), &self.zero);
        if !self.note.is_empty() {
            svg.text("dim", Anchor::Start, (MARGIN, bottom + 56.0), &fit(&self.note, wide - 2.0 * MARGIN));
        }
        svg
    }

    /// The chart in words.
    fn told(&self) -> String {
        let parts = self.falls.iter().map(|fall| format!("{} {}", fall.label, bits(fall.value)));
        let parts: Vec<String> = parts.collect();
        format!("{}. {}: {}. {}", self.subtitle, self.whole.label, bits(self.whole.value), parts.join(", "))
    }
}

/// A bar with its figure at the end that it goes to.
fn bar(svg: &mut Svg, class: &str, x: &Scale, span: Span, y: f32) {
    let (from, to) = (x.at(span.from), x.at(span.to));
    // What adds nothing is seen to add nothing.
    let to_seen = if (to - from).abs() < 1.0 { from + 1.0 } else { to };
    svg.bar(class, (from, y), (to_seen, y + BAR));
    let (anchor, beside) = if span.to < span.from { (Anchor::End, -5.0) } else { (Anchor::Start, 5.0) };
    svg.text("figure", anchor, (to_seen + beside, y + BAR / 2.0 + 4.0), &bits(span.to - span.from));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fall(label: &str, value: f32) -> Fall {
        Fall { label: label.into(), detail: "Ana | Anna".into(), value }
    }

    fn waterfall() -> Waterfall {
        Waterfall {
            title: "crm:1 and shop:1".into(),
            subtitle: "one person".into(),
            falls: vec![fall("any two", -10.0), fall("name <b>", 12.5), fall("born", -0.5)],
            whole: fall("together", 2.0),
            zero: "0: as likely as not".into(),
            note: String::new(),
        }
    }

    #[test]
    fn each_bar_begins_where_the_one_before_ended() {
        let span = |from, to| Span { from, to };
        let spans = [span(0.0, -10.0), span(-10.0, 2.5), span(2.5, 2.0), span(0.0, 2.0)];
        assert_eq!(waterfall().spans(), spans);
        assert_eq!(waterfall().range(), (-10.0, 2.5));
    }

    #[test]
    fn it_is_readable_alone_and_told_to_those_who_do_not_see_it() {
        let alone = waterfall().draw(960.0).alone();
        for part in ["xmlns=", "<style>", "<title>crm:1 and shop:1</title>", "name &lt;b&gt; +12.5", ">−10.0</text>"]
        {
            assert!(alone.contains(part), "no {part} in {alone}");
        }
    }
}
