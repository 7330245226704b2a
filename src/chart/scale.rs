//! Axes: where values stand, and which of them are written down.

/// Values of a range to lengths of another, in proportion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: (f32, f32),
    to: (f32, f32),
}

impl Scale {
    /// `from` to `to`; a range without extent is taken for one of 1.
    pub(super) fn new(from: (f32, f32), to: (f32, f32)) -> Self {
        let end = if from.1 > from.0 { from.1 } else { from.0 + 1.0 };
        Self { from: (from.0, end), to }
    }

    pub(super) fn at(&self, value: f32) -> f32 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// About `count` round values within the range: ones, twos or fives of a power of ten.
    pub(super) fn ticks(&self, count: usize) -> Vec<f32> {
        let rough = (self.from.1 - self.from.0) / count.max(1) as f32;
        let power = 10_f32.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(rough);
        let first = (self.from.0 / step).ceil() as i64;
        let last = (self.from.1 / step).floor() as i64;
        (first..=last).map(|tick| tick as f32 * step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_range() {
        let scale = Scale::new((-13.0, 22.0), (0.0, 350.0));
        assert_eq!(scale.ticks(5), [-10.0, 0.0, 10.0, 20.0]);
        assert_eq!((scale.at(-13.0), scale.at(22.0)), (0.0, 350.0));
        assert_eq!(Scale::new((0.0, 0.04), (0.0, 1.0)).ticks(4), [0.0, 0.01, 0.02, 0.03, 0.04]);
    }
}
