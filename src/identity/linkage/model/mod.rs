//! Fellegi and Sunter's (1969) model of record pairs: how probable each level of agreement is for two records of one
//! person (m), of two people (u), and of two people of one household.
//!
//! Learnt without labels: u from random pairs, from which the share of matches is taken out; m by expectation
//! maximisation (Dempster, Laird and Rubin 1977; Winkler 1988) over counted patterns of candidate pairs. A comparison may
//! have a *parent*, on whose agreement its probabilities depend (a tree-augmented naive Bayes model; Friedman, Geiger and
//! Goldszmidt 1997): that two people of one postcode live in one town says nothing.

pub(crate) mod em;
mod namesakes;
pub(crate) mod random;
pub(crate) mod scorer;
mod usual;
pub(crate) mod weigh;

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::levels::{self, LEVELS, NULL, Pattern};
use super::prepare::{Comparison, How, Prepared};

/// Probabilities per level, given that the parent agrees (1) or not (0).
pub(crate) type Table = [[f64; LEVELS]; 2];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    /// Per comparison.
    pub(crate) m: Vec<Table>,
    pub(crate) u: Vec<Table>,
    /// Per comparison: the one whose agreement it depends on.
    pub(crate) parent: Vec<Option<usize>>,
    /// Per comparison: its parent was not found in the data, which are too few, but follows from what places are.
    pub(crate) assumed: Vec<bool>,
    /// Of all pairs of records, how many are of one person.
    pub(crate) prior: f64,
    /// Of all pairs of records, how many are of two people who share home, phone and family name.
    pub(crate) household: f64,
    pub(crate) roles: Vec<Role>,
    /// Per comparison: which share of the pairs of one household agrees in it as one person's records do.
    pub(crate) kin: Vec<f64>,
    /// The same before any data.
    pub(crate) usual_kin: Vec<f64>,
    pub(crate) exact: Vec<u8>,
    /// Per comparison: up to which level values are not even alike.
    pub(crate) different_to: Vec<usize>,
    pub(crate) given: Option<usize>,
    /// The comparison of birth dates.
    pub(crate) born: Option<usize>,
    pub(crate) family: Option<usize>,
    /// How many times as many pairs of two people agree in given and family name as would if a family did not choose the
    /// names of its kin and its country: 1 or more.
    pub(crate) namesakes: f64,
    /// Which part of the pairs of records that have both names in common is one person's.
    pub(crate) one_person: f64,
    /// Per comparison: m before any data.
    pub(crate) usual: Vec<Table>,
    /// Per comparison, state and level: how many of the pairs that have both values are of one person and reach it.
    pub(crate) found: Vec<Table>,
    pub(crate) changeable: Vec<bool>,
    /// Per comparison: other comparisons may depend on it.
    pub(crate) strata: Vec<bool>,
    /// Per comparison: it says nothing of who somebody is, though its values look as if it did.
    pub(crate) left_out: Vec<bool>,
    /// Per comparison: records of one person mostly agree in it.
    pub(crate) identifies: Vec<bool>,
    /// Per comparison: nobody changes it, so that it is known how seldom one person's records differ in it.
    pub(crate) lasts: Vec<bool>,
    /// Per comparison: agreement confirms a match among people of one home, too.
    pub(crate) confirms: Vec<bool>,
    /// m is what is usual: the data showed nothing plausible.
    pub(crate) held: bool,
    /// Per comparison: which part of one person's pairs has the same value because it is the person's, and not by chance.
    #[serde(skip)]
    pub(crate) kept: Vec<f32>,
    /// Logarithms of the above, for scoring.
    #[serde(skip)]
    pub(crate) weights: Vec<Weights>,
}

/// Of one person's records, so many have the same birth date, but for a slip.
const CARRIED_MIN: f64 = 0.8;

/// Base-2 weights of a comparison, by state of the parent and level.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weights {
    pub(crate) person: [[f32; LEVELS]; 2],
    pub(crate) household: [[f32; LEVELS]; 2],
}

/// What a comparison says about two people of one household.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// They agree like one person's records.
    Shared,
    /// They agree like strangers, but for a small share, in which they agree as well: twins, sons named after their
    /// fathers.
    Personal,
    /// Some share it.
    Mixed,
}

/// A comparison's role, and which share of the pairs of one household agrees in it as one person's records do, before
/// any data are seen.
fn role(kind: Kind) -> (Role, f64) {
    match kind {
        Kind::Given => (Role::Personal, 0.01),
        Kind::Middle | Kind::BirthDate => (Role::Personal, 0.05),
        Kind::Id => (Role::Personal, 0.005),
        Kind::Email => (Role::Mixed, 0.3),
        Kind::Sex | Kind::Category | Kind::Number | Kind::Date | Kind::Text => (Role::Personal, 0.1),
        _ => (Role::Shared, 1.0),
    }
}

fn identifies(kind: Kind) -> bool {
    matches!(kind, Kind::Given | Kind::Family | Kind::BirthDate | Kind::Email | Kind::Phone | Kind::Address | Kind::Id)
}

/// Whether somebody has it for life.
fn lasts(kind: Kind) -> bool {
    matches!(kind, Kind::Given | Kind::BirthDate | Kind::Sex | Kind::Generation)
}

/// Whether what it says may depend on another comparison; what identifies people stands for itself.
fn depends(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Given
            | Kind::Family
            | Kind::Middle
            | Kind::BirthDate
            | Kind::Email
            | Kind::Phone
            | Kind::Address
            | Kind::Id
    )
}

/// Whether other comparisons may depend on it.
fn is_stratum(kind: Kind) -> bool {
    !matches!(kind, Kind::Id | Kind::Email | Kind::Phone | Kind::BirthDate | Kind::Family | Kind::Middle)
}

impl Model {
    /// What is believed before any pair was seen.
    pub(crate) fn new(prepared: &Prepared, rates: &random::Rates) -> Self {
        let comparisons = &prepared.comparisons;
        let usual: Vec<Table> =
            comparisons.iter().zip(&rates.rates).map(|(comparison, rates)| [usual::m(comparison, rates); 2]).collect();
        let pairs = pairs(prepared.records);
        let mut model = Self {
            m: usual.clone(),
            u: rates.rates.iter().map(|&row| [row; 2]).collect(),
            parent: vec![None; comparisons.len()],
            assumed: vec![false; comparisons.len()],
            prior: (0.2 * prepared.records as f64 / pairs).min(0.3),
            household: (0.1 * prepared.records as f64 / pairs).min(0.1),
            roles: comparisons.iter().map(|comparison| role(comparison.kind).0).collect(),
            usual_kin: comparisons.iter().map(|comparison| role(comparison.kind).1).collect(),
            kin: comparisons.iter().map(|comparison| role(comparison.kind).1).collect(),
            exact: comparisons.iter().map(|comparison| levels::exact(comparison.how)).collect(),
            different_to: comparisons.iter().map(|one| usize::from(levels::different_to(one.how))).collect(),
            given: prepared.given,
            born: comparisons.iter().position(|comparison| comparison.kind == Kind::BirthDate),
            family: prepared.family,
            namesakes: 1.0,
            one_person: 0.0,
            found: Vec::new(),
            usual,
            changeable: comparisons.iter().map(|comparison| depends(comparison.kind)).collect(),
            identifies: comparisons.iter().map(|comparison| identifies(comparison.kind)).collect(),
            strata: comparisons.iter().map(|comparison| is_stratum(comparison.kind)).collect(),
            left_out: vec![false; comparisons.len()],
            lasts: comparisons.iter().map(|comparison| lasts(comparison.kind)).collect(),
            confirms: comparisons.iter().map(|one| matches!(one.kind, Kind::Id | Kind::Email)).collect(),
            held: false,
            kept: Vec::new(),
            weights: Vec::new(),
        };
        model.found = model.usual.iter().map(|rows| rows.map(|row| row.map(|m| model.prior * m))).collect();
        let personal =
            |comparison: &Comparison| matches!(comparison.how, How::Given) || comparison.kind == Kind::BirthDate;
        if !comparisons.iter().any(personal) {
            model.household = 0.0;
        }
        model.weigh();
        model
    }

    /// Whether the parent of a comparison agrees.
    pub(crate) fn state(&self, comparison: usize, pattern: &Pattern) -> usize {
        self.parent[comparison]
            .map_or(0, |parent| usize::from(pattern[parent] + 1 >= self.exact[parent] && pattern[parent] > 1))
    }

    /// Whether given and family name both agree; none if one is missing.
    pub(crate) fn names(&self, pattern: &Pattern) -> Option<bool> {
        let (given, family) = (pattern[self.given?], pattern[self.family?]);
        (given != NULL && family != NULL).then_some(given >= levels::CLOSE && family >= levels::CLOSE)
    }

    /// Leaves a comparison out.
    pub(crate) fn leave_out(&mut self, comparison: usize) {
        self.left_out[comparison] = true;
        self.identifies[comparison] = false;
        self.confirms[comparison] = false;
        self.weigh();
    }

    /// Whether people can be told apart without a comparison, by more than their names.
    pub(crate) fn does_without(&self, comparison: usize) -> bool {
        self.others().any(|other| other != comparison)
    }

    /// Whether birth dates, or numbers that a state gives, show that what passes for one person's records are so.
    pub(crate) fn is_carried(&self, prepared: &Prepared) -> bool {
        let same = |at: usize| self.m[at][0][usize::from(self.exact[at]) - 1..].iter().sum::<f64>();
        let mut all = prepared.comparisons.iter().enumerate();
        all.any(|(at, one)| (one.kind == Kind::BirthDate || one.is_national) && same(at) >= CARRIED_MIN)
    }

    /// The comparisons other than names that identify people.
    fn others(&self) -> impl Iterator<Item = usize> {
        let is_name = |at: usize| Some(at) == self.given || Some(at) == self.family;
        (0..self.m.len()).filter(move |&at| self.identifies[at] && !is_name(at))
    }

    /// Bits taken off for names that go together in people who are not the same.
    pub(crate) fn namesake_bits(&self, pattern: &Pattern) -> f32 {
        if self.names(pattern) == Some(true) { -self.namesakes.log2() as f32 } else { 0.0 }
    }

    /// Makes the weights out of the probabilities.
    pub(crate) fn weigh(&mut self) {
        self.weights = (0..self.m.len()).map(|comparison| self.weights_of(comparison)).collect();
        let kept = |at: usize| {
            let exact = usize::from(self.exact[at]);
            let (m, u) = (self.m[at][0][exact], self.u[at][0][exact]);
            (((m - u) / (1.0 - u)) as f32).clamp(0.0, 1.0)
        };
        self.kept = (0..self.m.len()).map(kept).collect();
    }

    fn weights_of(&self, comparison: usize) -> Weights {
        let mut weights = Weights::default();
        if self.left_out[comparison] {
            return weights;
        }
        let exact = usize::from(self.exact[comparison]);
        for state in 0..2 {
            for level in 1..LEVELS {
                let (m, u) = (self.m[comparison][state][level], self.u[comparison][state][level]);
                if m <= 0.0 || u <= 0.0 {
                    continue;
                }
                // A chance swap needs the same names and a slip: the slip is as probable in both, so it cancels.
                let most = self.m[comparison][state][exact] / self.u[comparison][state][exact];
                let swapped = self.given == Some(comparison) && level == usize::from(levels::SWAPPED);
                let u = if swapped { m / most * 2.0 } else { u.max(m / most.max(1.0)) };
                // Nor does a difference speak for a match.
                let u = if level <= self.different_to[comparison] { u.max(m) } else { u };
                let kin = self.kin[comparison];
                let household = match self.roles[comparison] {
                    Role::Shared => m,
                    Role::Personal => u + kin * m,
                    Role::Mixed => kin * m + (1.0 - kin) * u,
                };
                weights.person[state][level] = (m / u).log2() as f32;
                weights.household[state][level] = (household / u).log2() as f32;
            }
        }
        weights
    }
}

/// How many pairs so many records make.
pub(crate) fn pairs(records: usize) -> f64 {
    let records = records as f64;
    (records * (records - 1.0) / 2.0).max(1.0)
}
