//! What the model learnt: how probable each level of agreement is, and what it weighs.

use serde::Serialize;

use super::super::levels::{self, LEVELS};
use super::super::model::Model;
use super::super::prepare::Prepared;

/// What the model learnt of one comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The columns.
    pub name: String,
    /// What they hold.
    pub kind: &'static str,
    /// One, or two where it counts whether another comparison agrees.
    pub states: Vec<State>,
}

/// The levels of a comparison, in one state of what it depends on.
#[derive(Debug, Clone, Serialize)]
pub struct State {
    /// The comparison that it depends on, and whether that agrees.
    pub given: Option<(String, bool)>,
    /// From the one that says most for two people.
    pub levels: Vec<Level>,
}

/// One level of agreement.
#[derive(Debug, Clone, Serialize)]
pub struct Level {
    /// What it is called.
    pub name: &'static str,
    /// How probable it is for two records of one person.
    pub m: f64,
    /// How probable it is for records of two people.
    pub u: f64,
    /// What it adds to the match weight, in bits, before the rarity of the values. About log2(m / u), bounded so that no
    /// closer agreement weighs less.
    pub weight: f32,
}

/// What the model learnt of each comparison, in their order.
pub(crate) fn comparisons(prepared: &Prepared, model: &Model) -> Vec<Comparison> {
    let of = |(at, comparison): (usize, &super::super::prepare::Comparison)| {
        let names = levels::names(comparison.how);
        let state = |state: usize, given| State {
            given,
            levels: (1..names.len().min(LEVELS))
                .map(|level| Level {
                    name: names[level],
                    m: model.m[at][state][level],
                    u: model.u[at][state][level],
                    weight: model.weights[at].person[state][level],
                })
                .collect(),
        };
        let states = match model.parent[at] {
            None => vec![state(0, None)],
            Some(parent) => {
                let name = &prepared.comparisons[parent].name;
                [false, true].map(|agrees| state(usize::from(agrees), Some((name.clone(), agrees)))).to_vec()
            }
        };
        Comparison { name: comparison.name.clone(), kind: comparison.kind.name(), states }
    };
    prepared.comparisons.iter().enumerate().map(of).collect()
}
