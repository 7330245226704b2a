//! The match weight of a pair: the base-2 logarithm of the odds that its records are of one person.

use super::super::levels::{NULL, Pattern};
use super::super::prepare::{How, Prepared};
use super::{Model, Role};

/// What the values of a pair add to the weights of its levels: agreement in a rare value says more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rarity {
    /// In what a household shares.
    pub(crate) shared: f32,
    pub(crate) personal: f32,
}

/// How probable it is that two people have a value in common which nobody else was seen to share.
const ALONE: f32 = 1e-5;

impl Model {
    /// Bits by which the values that a pair agrees in are rarer than usual (negative: commoner).
    pub(crate) fn rarity(&self, prepared: &Prepared, left: u32, right: u32, pattern: &Pattern) -> Rarity {
        let mut rarity = Rarity::default();
        for at in 0..self.roles.len() {
            let bits = self.bits(prepared, at, left, right, pattern);
            match self.roles[at] {
                Role::Personal => rarity.personal += bits,
                _ => rarity.shared += bits,
            }
        }
        rarity
    }

    /// The same for one comparison.
    pub(crate) fn bits(&self, prepared: &Prepared, at: usize, left: u32, right: u32, pattern: &Pattern) -> f32 {
        let comparison = &prepared.comparisons[at];
        let (level, exact) = (pattern[at], self.exact[at]);
        if self.left_out[at] {
            return 0.0;
        }
        if level <= 1 || self.state(at, pattern) == 1 {
            return 0.0;
        }
        let values = [left, right].map(|record| prepared.values(record)[at]);
        let usual = prepared.usual[at];
        let places =
            prepared.stratum.map_or([0; 2], |stratum| [left, right].map(|record| prepared.values(record)[stratum]));
        let common = if matches!(comparison.how, How::Given | How::Family) {
            prepared.common(at, values[0], places).max(prepared.common(at, values[1], places))
        } else {
            let count = values.map(|value| comparison.counts[value as usize]);
            (count[0].max(count[1]) - 1.0).max(1.0) / prepared.filled[at]
        };
        let people = if comparison.people.is_empty() {
            None
        } else {
            Some(values.map(|value| comparison.people[value as usize]))
        };
        if let Some(people) = people
            && level == exact
        {
            // Against the level's own u: one holder makes the value as good as a person's own.
            let u = self.u[at][0][usize::from(exact)] as f32;
            let others = people[0].max(people[1]).saturating_sub(1) as f32;
            let held = self.held(prepared, at, others);
            let held = if comparison.how == How::Email {
                held.max(Self::explained(prepared, left, right, pattern))
            } else {
                held
            };
            return (u / held).log2();
        }
        if comparison.how == How::Email {
            return self.email_bits(prepared, at, left, right, pattern, common, usual);
        }
        if level == exact {
            (usual / common).log2()
        } else if level + 1 == exact && comparison.how != How::Date {
            (0.5 * (usual / common).log2()).min(0.0)
        } else {
            0.0
        }
    }

    /// The most that `bits` may be for two records of which one has this value.
    pub(crate) fn bits_most(&self, prepared: &Prepared, at: usize, value: u32) -> f32 {
        if self.left_out[at] {
            return 0.0;
        }
        let comparison = &prepared.comparisons[at];
        match comparison.people.get(value as usize) {
            Some(&people) => {
                let u = self.u[at][0][usize::from(self.exact[at])] as f32;
                (u / self.held(prepared, at, people.saturating_sub(1) as f32)).log2()
            }
            None => {
                let others = (comparison.counts[value as usize] - 1.0).max(1.0);
                (prepared.usual[at] * prepared.filled[at] / others).log2()
            }
        }
        .max(if self.parent[at].is_some() { 0.0 } else { f32::MIN })
    }

    /// How probable it is that somebody else holds a value which so many others were seen to hold. One more record is
    /// taken to have been seen, which holds it as often as any value of the column: of few records, little is known.
    fn held(&self, prepared: &Prepared, at: usize, others: f32) -> f32 {
        let u = self.u[at][0][usize::from(self.exact[at])] as f32;
        ((others + u) / (prepared.filled[at] + 1.0)).max(ALONE)
    }

    /// How probable it is that the addresses of two people of these names agree.
    fn explained(prepared: &Prepared, left: u32, right: u32, pattern: &Pattern) -> f32 {
        let agrees = |at: Option<usize>| at.is_none_or(|at| pattern[at] == NULL || pattern[at] >= 4);
        let names_agree = agrees(prepared.given) && agrees(prepared.family);
        let share = [left, right].map(|row| prepared.template_share[prepared.templates[row as usize] as usize]);
        if names_agree { share[0].max(share[1]) } else { 0.0 }
    }

    #[expect(clippy::too_many_arguments, reason = "one place")]
    fn email_bits(
        &self,
        prepared: &Prepared,
        at: usize,
        left: u32,
        right: u32,
        pattern: &Pattern,
        common: f32,
        usual: f32,
    ) -> f32 {
        let explained = Self::explained(prepared, left, right, pattern);
        if pattern[at] == self.exact[at] {
            (usual / common.max(explained)).log2()
        } else if Self::named(prepared, left, right) {
            // The level's own u is about strangers; addresses made of names that are alike are alike, too.
            let u = self.u[at][0][usize::from(pattern[at])] as f32;
            let [left, right] = [left, right].map(|row| row as usize);
            let digits = prepared.email_digits[left] == prepared.email_digits[right];
            let held = match (digits, prepared.email_digits[left]) {
                (true, 1..) => 0.0,
                _ if prepared.templates[left] == prepared.templates[right] => explained,
                _ => 0.5,
            };
            (u / u.max(held)).log2()
        } else {
            0.0
        }
    }

    /// Whether both addresses are made of their owners' names.
    fn named(prepared: &Prepared, left: u32, right: u32) -> bool {
        prepared.templates[left as usize] != 0 && prepared.templates[right as usize] != 0
    }

    /// The logarithms of the odds of one person and of one household against strangers.
    pub(crate) fn odds(&self, pattern: &Pattern, rarity: Rarity) -> (f32, f32) {
        let (mut person, mut household) = (0.0, 0.0);
        for (at, weights) in self.weights.iter().enumerate() {
            let (state, level) = (self.state(at, pattern), usize::from(pattern[at]));
            person += weights.person[state][level];
            household += weights.household[state][level];
        }
        let prior = |share: f64| share.max(1e-300).log2() as f32;
        let namesakes = self.namesake_bits(pattern);
        (
            prior(self.prior / (1.0 - self.prior)) + person + namesakes + rarity.shared + rarity.personal,
            prior(self.household) + household + namesakes + rarity.shared,
        )
    }

    /// The match weight, with the prior in it: 0 is as likely as not.
    pub(crate) fn weight(&self, pattern: &Pattern, rarity: Rarity) -> f32 {
        let (person, household) = self.odds(pattern, rarity);
        person - softplus(household)
    }
}

/// log2(1 + 2^x)
fn softplus(x: f32) -> f32 {
    if x > 30.0 {
        x
    } else if x < -30.0 {
        0.0
    } else {
        x.exp2().ln_1p() * std::f32::consts::LOG2_E
    }
}
