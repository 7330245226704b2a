//! Lines over a common axis, one panel below another: what came beside what was expected.

use super::histogram::Mark;
use super::scale::Scale;
use super::svg::{Anchor, Svg, fit, fit_strong, width};

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// From left to right.
    pub(crate) points: Vec<(f32, f32)>,
}

/// Lines with an axis of their own.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) heading: String,
    /// What the values from left to right are.
    pub(crate) axis: String,
    /// The first is drawn solid, the second dashed.
    pub(crate) lines: [Line; 2],
    /// Names of the places from left to right; none: they are numbers.
    pub(crate) places: Vec<(f32, String)>,
    pub(crate) marks: Vec<Mark>,
}

/// Panels below a title.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) panels: Vec<Panel>,
}

const HEIGHT: f32 = 220.0;
/// Heading, legend and axis of a panel.
const AROUND: f32 = 96.0;
const LEFT: f32 = 72.0;
const MARGIN: f32 = 14.0;
const TOP: f32 = 62.0;
const CLASSES: [&str; 2] = ["for", "against"];

impl Panel {
    /// The values from left to right, and from zero up, that the lines reach.
    pub(crate) fn range(&self) -> ((f32, f32), (f32, f32)) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let left = points().map(|point| point.0).fold(f32::INFINITY, f32::min);
        let right = points().map(|point| point.0).fold(f32::NEG_INFINITY, f32::max);
        let low = points().map(|point| point.1).fold(0.0, f32::min);
        let high = points().map(|point| point.1).fold(0.0, f32::max);
        if left > right { ((0.0, 1.0), (0.0, 1.0)) } else { ((left, right), (low, high)) }
    }

    fn draw(&self, svg: &mut Svg, top: f32, wide: f32) {
        svg.text("strong", Anchor::Start, (MARGIN, top + 14.0), &fit_strong(&self.heading, wide - 2.0 * MARGIN));
        self.legend(svg, top + 36.0);
        let (above, below) = (top + 46.0, top + 46.0 + HEIGHT);
        let (across, up) = self.range();
        let x = Scale::new(across, (LEFT, wide - MARGIN - 8.0));
        let y = Scale::new((up.0, up.1 * 1.05), (below, above));
        for tick in y.ticks(5) {
            svg.line(if tick == 0.0 { "axis" } else { "" }, (LEFT, y.at(tick)), (wide - MARGIN, y.at(tick)));
            svg.text("dim figure", Anchor::End, (LEFT - 6.0, y.at(tick) + 4.0), &figure(tick));
        }
        let numbers =
            || x.ticks(if wide < 600.0 { 5 } else { 9 }).into_iter().map(|tick| (tick, figure(tick))).collect();
        let places = if self.places.is_empty() { numbers() } else { self.places.clone() };
        for (place, name) in places {
            svg.text("dim figure", Anchor::Middle, (x.at(place), below + 16.0), &name);
        }
        svg.text("dim", Anchor::End, (wide - MARGIN, below + 34.0), &fit(&self.axis, wide - 2.0 * MARGIN));
        for mark in &self.marks {
            let at = x.at(mark.at);
            let (anchor, beside) =
                if at + width(&mark.label) + 10.0 < wide { (Anchor::Start, 5.0) } else { (Anchor::End, -5.0) };
            svg.line("mark", (at, above), (at, below));
            svg.text("mark", anchor, (at + beside, above + 10.0), &mark.label);
        }
        for (line, class) in self.lines.iter().zip(CLASSES) {
            let points: Vec<_> = line.points.iter().map(|point| (x.at(point.0), y.at(point.1))).collect();
            svg.polyline(class, &points);
            // Few points are seen as such, and tell their values.
            for (point, at) in line.points.iter().zip(&points).filter(|_| points.len() <= 40) {
                svg.open(&format!("{}: {}, {}", line.name, figure(point.0), figure(point.1)));
                svg.dot(class, *at);
                svg.close();
            }
        }
    }

    fn legend(&self, svg: &mut Svg, y: f32) {
        let mut at = LEFT;
        for (line, class) in self.lines.iter().zip(CLASSES) {
            svg.polyline(class, &[(at, y - 4.0), (at + 24.0, y - 4.0)]);
            svg.text("dim", Anchor::Start, (at + 30.0, y), &line.name);
            at += 48.0 + width(&line.name);
        }
    }
}

impl Lines {
    /// As SVG, for a slide (960 wide) or a phone (420).
    pub(crate) fn draw(&self, wide: f32) -> Svg {
        let height = TOP + self.panels.len() as f32 * (HEIGHT + AROUND);
        let mut svg = Svg::new(wide, height, &self.title, &self.told());
        svg.text("head", Anchor::Start, (MARGIN, 26.0), &fit_strong(&self.title, (wide - 2.0 * MARGIN) * 0.8));
        svg.text("dim", Anchor::Start, (MARGIN, 46.0), &fit(&self.subtitle, wide - 2.0 * MARGIN));
        for (at, panel) in self.panels.iter().enumerate() {
            panel.draw(&mut svg, TOP + at as f32 * (HEIGHT + AROUND), wide);
        }
        svg
    }

    /// The chart in words: where each line ends.
    fn told(&self) -> String {
        let ends = |panel: &Panel| {
            let end = |line: &Line| Some(format!("{} {}", line.name, figure(line.points.last()?.1)));
            let ends: Vec<String> = panel.lines.iter().filter_map(end).collect();
            format!("{}, at the right end: {}.", panel.heading, ends.join(", "))
        };
        let panels: Vec<String> = self.panels.iter().map(ends).collect();
        format!("{}. {}", self.subtitle, panels.join(" "))
    }
}

/// A number as an axis shows it: four digits that count, thousands set apart.
pub(crate) fn figure(value: f32) -> String {
    let size = value.abs();
    let text = if size >= 1000.0 {
        super::number::thousands(size.round() as u64)
    } else {
        let text = format!("{size:.*}", if size >= 100.0 { 1 } else { 2 });
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    if value < 0.0 && text != "0" { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Lines {
        let line = |name: &str, last: f32| Line { name: name.into(), points: vec![(-10.0, 0.0), (10.0, last)] };
        let panel = Panel {
            heading: "orders so far".into(),
            axis: "weeks".into(),
            lines: [line("actual", 2000.0), line("expected", 1500.0)],
            places: Vec::new(),
            marks: vec![Mark { at: 0.0, label: "fitted up to here".into() }],
        };
        Lines { title: "shop".into(), subtitle: "a <b>".into(), panels: vec![panel] }
    }

    #[test]
    fn lines_go_through_their_points_and_are_told() {
        let svg = lines().draw(960.0).alone();
        // 20 weeks on 866 pixels from 72 on; 2,100 on 220.
        assert!(svg.contains("<polyline class=\"for\" points=\"72,328 938,118.48\"/>"), "{svg}");
        assert!(svg.contains("<polyline class=\"against\" points=\"72,328 938,170.86\"/>"), "{svg}");
        assert!(svg.contains("orders so far, at the right end: actual 2,000, expected 1,500."), "{svg}");
        assert!(svg.contains("<line class=\"mark\" x1=\"505\"") && svg.contains("a &lt;b&gt;"), "{svg}");
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(
            [0.0, -0.001, 0.25, 12.5, -123.46, 12_345.6].map(figure),
            ["0", "0", "0.25", "12.5", "−123.5", "12,346"]
        );
    }
}
