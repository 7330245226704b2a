//! Lying bars with a label at their left and a figure at their right, in groups; values below zero go to the left.

use super::scale::Scale;
use super::svg::{Anchor, Svg, fit, fit_strong, width};

const ROW: f32 = 20.0;
const BAR: f32 = 11.0;
const GAP: f32 = 10.0;

/// One bar, or one for each of two series.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    /// As many as the chart has series.
    pub(crate) values: Vec<f32>,
    /// The values as text.
    pub(crate) figure: String,
}

/// Rows under a heading; an empty one is not written.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) heading: String,
    pub(crate) rows: Vec<Row>,
}

/// What the bars of a row are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Series {
    /// One bar.
    One,
    /// One bar that speaks for something, or, below zero, against it, with names for both.
    Signed([&'static str; 2]),
    /// Two bars, with these names.
    Two([&'static str; 2]),
}

/// A chart of lying bars.
#[derive(Debug)]
pub(crate) struct Bars<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) series: Series,
    pub(crate) groups: Vec<Group>,
    pub(crate) width: f32,
}

impl Bars<'_> {
    pub(crate) fn draw(&self) -> Svg {
        let rows = || self.groups.iter().flat_map(|group| &group.rows);
        let widest = |texts: &mut dyn Iterator<Item = &str>, most: f32| texts.map(width).fold(0.0, f32::max).min(most);
        let label = widest(&mut rows().map(|row| row.label.as_str()), self.width * 0.45);
        let figure = widest(&mut rows().map(|row| row.figure.as_str()), self.width * 0.3);
        let values = || rows().flat_map(|row| row.values.iter().copied());
        let range = (values().fold(0.0, f32::min), values().fold(0.0, f32::max));
        let scale = Scale::new(range, (label + GAP, self.width - figure - GAP));

        let headings = self.groups.iter().filter(|group| !group.heading.is_empty()).count();
        let legend = if matches!(self.series, Series::One) { 0.0 } else { ROW };
        let height = legend + rows().count() as f32 * ROW + headings as f32 * (ROW + 6.0) + 6.0;
        let mut svg = Svg::new(self.width, height, self.title, self.description);
        self.legend(&mut svg, label + GAP);
        let mut y = legend;
        for group in &self.groups {
            if !group.heading.is_empty() {
                svg.text("strong", Anchor::Start, (0.0, y + 19.0), &fit_strong(&group.heading, self.width));
                y += ROW + 6.0;
            }
            let top = y;
            for row in &group.rows {
                let name = if row.label.is_empty() { &group.heading } else { &row.label };
                svg.open(&format!("{name}: {}", row.figure));
                svg.text("", Anchor::Start, (0.0, y + 14.0), &fit(&row.label, label.max(self.width * 0.1)));
                self.bars(&mut svg, &row.values, &scale, y);
                svg.text("figure", Anchor::End, (self.width, y + 14.0), &row.figure);
                svg.close();
                y += ROW;
            }
            svg.line("axis", (scale.at(0.0), top), (scale.at(0.0), y));
        }
        svg
    }

    fn bars(&self, svg: &mut Svg, values: &[f32], scale: &Scale, y: f32) {
        let thick = BAR / values.len().max(1) as f32;
        for (at, &value) in values.iter().enumerate() {
            let class = match self.series {
                Series::Signed(_) if value < 0.0 => "against",
                Series::Two(_) if at == 1 => "against",
                _ => "for",
            };
            let top = y + (ROW - BAR) / 2.0 + at as f32 * thick;
            svg.bar(class, (scale.at(0.0), top), (scale.at(value), top + thick));
        }
    }

    fn legend(&self, svg: &mut Svg, mut x: f32) {
        let (Series::Signed(names) | Series::Two(names)) = self.series else { return };
        for (name, class) in names.into_iter().zip(["for", "against"]) {
            svg.bar(class, (x, 4.0), (x + 10.0, 14.0));
            svg.text("dim", Anchor::Start, (x + 15.0, 13.0), name);
            x += 30.0 + width(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values_on_both_sides_of_zero() {
        let row = |label: &str, value: f32| Row { label: label.into(), values: vec![value], figure: String::new() };
        let groups = vec![Group { heading: String::new(), rows: vec![row("abcde", 30.0), row("abcde", -10.0)] }];
        let bars =
            Bars { title: "t", description: "d", series: Series::Signed(["for", "against"]), groups, width: 453.0 };
        let svg = bars.draw().inline();
        // 33 of label, 10 of gap on each side: 400 for 40.
        assert!(svg.contains("<rect class=\"for\" x=\"143\" y=\"24.5\" width=\"300\""), "{svg}");
        assert!(svg.contains("<rect class=\"against\" x=\"43\" y=\"44.5\" width=\"100\""), "{svg}");
    }
}
