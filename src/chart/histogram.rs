//! Standing columns over bins that follow each other, with lines where something is decided.

use super::number::thousands;
use super::scale::Scale;
use super::svg::{Anchor, Svg, width};

/// One bin.
#[derive(Debug)]
pub(crate) struct Column {
    /// Where it begins.
    pub(crate) from: f32,
    pub(crate) count: u64,
    /// How many of them are of the kind that is looked for.
    pub(crate) part: u64,
}

/// A line at a value.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) at: f32,
    pub(crate) label: String,
}

/// A histogram whose heights are logarithms, so that few are seen beside many.
#[derive(Debug)]
pub(crate) struct Histogram<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    /// Bins of one width, in order.
    pub(crate) columns: Vec<Column>,
    /// How wide a bin is.
    pub(crate) bin: f32,
    pub(crate) marks: Vec<Mark>,
    /// What the values are.
    pub(crate) axis: &'a str,
    /// What all of a bin are, and the part of them.
    pub(crate) names: [&'a str; 2],
    pub(crate) width: f32,
}

const HEIGHT: f32 = 190.0;
const LEFT: f32 = 62.0;
const LINE: f32 = 16.0;

impl Histogram<'_> {
    pub(crate) fn draw(&self) -> Svg {
        let top = 24.0 + self.marks.len() as f32 * LINE;
        let bottom = top + HEIGHT;
        let first = self.columns.first().map_or(0.0, |column| column.from);
        let last = self.columns.last().map_or(1.0, |column| column.from + self.bin);
        let x = Scale::new((first, last), (LEFT, self.width - 8.0));
        let most = self.columns.iter().map(|column| column.count).max().unwrap_or(0).max(10);
        let tens = (most as f32).log10().ceil();
        // One of something has a height, too.
        let y = Scale::new((-0.3, tens), (bottom, top));
        let mut svg = Svg::new(self.width, bottom + 40.0, self.title, self.description);
        self.legend(&mut svg);
        for ten in 0..=tens as u32 {
            let at = y.at(ten as f32);
            svg.line("", (LEFT, at), (self.width - 8.0, at));
            svg.text("dim figure", Anchor::End, (LEFT - 6.0, at + 4.0), &thousands(10_u64.pow(ten)));
        }
        for column in &self.columns {
            let (left, right) = (x.at(column.from) + 0.5, x.at(column.from + self.bin) - 0.5);
            let tip = format!(
                "{} to {}: {} {}, {} {}",
                column.from,
                column.from + self.bin,
                thousands(column.count),
                self.names[0],
                thousands(column.part),
                self.names[1]
            );
            svg.open(&tip);
            for (class, count) in [("pale", column.count), ("for", column.part)] {
                if count > 0 {
                    svg.bar(class, (left, bottom), (right, y.at((count as f32).log10())));
                }
            }
            svg.close();
        }
        svg.line("axis", (LEFT, bottom), (self.width - 8.0, bottom));
        for tick in x.ticks(6) {
            svg.text("dim figure", Anchor::Middle, (x.at(tick), bottom + 16.0), &tick.to_string().replace('-', "−"));
        }
        svg.text("dim", Anchor::End, (self.width - 8.0, bottom + 33.0), self.axis);
        for (at, mark) in self.marks.iter().enumerate() {
            self.mark(&mut svg, mark, x.at(mark.at.clamp(first, last)), 34.0 + at as f32 * LINE, bottom);
        }
        svg
    }

    fn legend(&self, svg: &mut Svg) {
        let mut x = LEFT;
        for (name, class) in self.names.into_iter().zip(["pale", "for"]) {
            svg.bar(class, (x, 3.0), (x + 10.0, 13.0));
            svg.text("dim", Anchor::Start, (x + 15.0, 12.0), name);
            x += 32.0 + width(name);
        }
    }

    /// The label stands on the side of the line that has room for it.
    fn mark(&self, svg: &mut Svg, mark: &Mark, x: f32, y: f32, bottom: f32) {
        let (anchor, beside) =
            if x + width(&mark.label) + 10.0 < self.width { (Anchor::Start, 5.0) } else { (Anchor::End, -5.0) };
        svg.line("mark", (x, y - 10.0), (x, bottom));
        svg.text("mark", anchor, (x + beside, y), &mark.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_logarithms_and_marks_stand_where_they_belong() {
        let columns = [1_u64, 1000].into_iter().zip([0.0, 1.0]);
        let histogram = Histogram {
            title: "t",
            description: "d",
            columns: columns.map(|(count, from)| Column { from, count, part: 0 }).collect(),
            bin: 1.0,
            marks: vec![Mark { at: 1.0, label: "here".into() }],
            axis: "bits",
            names: ["all", "some"],
            width: 270.0,
        };
        let svg = histogram.draw().inline();
        // A tenfold is 190 / 3.3; the first bin is 0.3 of it, the second all.
        assert!(svg.contains("y=\"212.73\" width=\"99\" height=\"17.27\""), "{svg}");
        assert!(svg.contains("y=\"40\" width=\"99\" height=\"190\""), "{svg}");
        assert!(svg.contains("<line class=\"mark\" x1=\"162\""), "{svg}");
        assert!(svg.contains(">1,000</text>"), "{svg}");
    }
}
