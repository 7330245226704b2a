//! People who share given and family name though neither is a match for the other: kin, and those of one country and age.

use super::super::levels::{CLOSE, DIFFERENT, Pattern};
use super::super::prepare::Prepared;
use super::{Model, pairs};

/// Pairs of two people who agree in given and family name, and differ in something else that identifies people: those who
/// do not would confirm whatever is believed of them.
#[derive(Default)]
pub(super) struct Namesakes(f64);

impl Namesakes {
    /// Pairs that are expected to be namesakes by chance, and are as seen: the belief that names are independent.
    const BELIEF: f64 = 1.0;

    pub(super) fn add(&mut self, model: &Model, pattern: &Pattern, apart: f64) {
        if model.names(pattern) == Some(true) && model.others().any(|at| pattern[at] == DIFFERENT) {
            self.0 += apart;
        }
    }

    /// Of so many records, how often a name occurs says as much of its bearers as that names go together. Of fewer it says
    /// less: each name that two of them share seems to be rare.
    const RECORDS: f64 = 1000.0;

    /// How many times as many they are as there would be by chance.
    pub(super) fn factor(&self, model: &Model, prepared: &Prepared) -> f64 {
        let (Some(given), Some(family)) = (model.given, model.family) else { return 1.0 };
        let agree = |at: usize| model.u[at][0][usize::from(CLOSE)..].iter().sum::<f64>();
        let both = |at: usize| (f64::from(prepared.filled[at]) / prepared.records.max(1) as f64).powi(2);
        let apart = |at: usize| both(at) * model.u[at][0][usize::from(DIFFERENT)];
        let known = both(given) * both(family) * (1.0 - model.others().map(|at| 1.0 - apart(at)).product::<f64>());
        let expected = pairs(prepared.records) * known * agree(given) * agree(family);
        let times = ((self.0 + Self::BELIEF) / (expected + Self::BELIEF)).max(1.0);
        times.powf(Self::RECORDS / (Self::RECORDS + f64::from(prepared.filled[family])))
    }
}
