//! Why two records have the match weight that they have: one step per comparison.

use super::levels::{self, COMPARISONS_MAX};
use super::model::Model;
use super::prepare::Prepared;

/// What one comparison adds.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Step {
    /// The columns that are compared.
    pub comparison: String,
    /// How far the records agree.
    pub level: &'static str,
    /// Bits for the level.
    pub weight: f32,
    /// Bits for how rare the values are.
    pub rarity: f32,
    /// Bits for one household rather than strangers.
    pub household: f32,
    /// The value of the one record, as it is compared.
    pub left: String,
    /// That of the other record.
    pub right: String,
}

/// The steps from the prior to the match weight.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Waterfall {
    /// Bits for any two records.
    pub prior: f32,
    /// What each comparison adds.
    pub steps: Vec<Step>,
    /// Bits taken off because the records may be two people's of one household.
    pub household: f32,
    /// The match weight: log2 of the odds that they are one person.
    pub weight: f32,
}

/// Takes the weight of two records apart.
pub(crate) fn explain(prepared: &Prepared, model: &Model, left: u32, right: u32) -> Waterfall {
    let mut pattern = [0; COMPARISONS_MAX];
    prepared.levels(left, right, &mut pattern);
    let rarity = model.rarity(prepared, left, right, &pattern);
    let weight = model.weight(&pattern, rarity);
    let step = |at: usize| {
        let comparison = &prepared.comparisons[at];
        let text =
            |row: u32| String::from_utf8_lossy(&comparison.texts[prepared.values(row)[at] as usize]).into_owned();
        let (state, level) = (model.state(at, &pattern), usize::from(pattern[at]));
        Step {
            comparison: comparison.name.clone(),
            level: levels::names(comparison.how)[level],
            weight: model.weights[at].person[state][level],
            rarity: model.bits(prepared, at, left, right, &pattern)
                // What a given name says beside a family name.
                + if prepared.given == Some(at) { model.namesake_bits(&pattern) } else { 0.0 },
            household: model.weights[at].household[state][level],
            left: text(left),
            right: text(right),
        }
    };
    Waterfall {
        prior: (model.prior / (1.0 - model.prior)).log2() as f32,
        steps: (0..prepared.comparisons.len()).map(step).collect(),
        household: weight - model.odds(&pattern, rarity).0,
        weight,
    }
}
