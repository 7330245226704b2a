//! The match weight of a pair: the base-2 logarithm of the odds that its records are of one person.

use super::super::levels::{CLOSE, Pattern};
use super::super::prepare::{How, Prepared};
use super::{Model, Role};
use crate::identity::dictionary::NONE;

/// What the values of a pair add to the weights of its levels: agreement in a rare value says more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rarity {
    /// In what a household shares.
    pub(crate) shared: f32,
    pub(crate) personal: f32,
    /// For two people of a household: where many have a given name, two of them may by chance.
    pub(crate) household: f32,
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
                Role::Personal => {
                    rarity.personal += bits;
                    rarity.household += self.household_bits(at, bits, pattern);
                }
                _ => rarity.shared += bits,
            }
        }
        rarity
    }

    /// By how much a given name that is `bits` rarer than usual is less often two people's of a household by chance. Of other
    /// values that is next to nothing: a birth date is shared by twins.
    fn household_bits(&self, at: usize, bits: f32, pattern: &Pattern) -> f32 {
        let level = usize::from(pattern[at]);
        if self.given != Some(at) || pattern[at] != self.exact[at] {
            return 0.0;
        }
        let (kin, u) = ((self.kin[at] * self.m[at][0][level]) as f32, self.u[at][0][level] as f32);
        ((u + kin * bits.exp2()) / (u + kin)).log2()
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
        let mut values = [left, right].map(|record| prepared.values(record)[at]);
        if level == exact && !comparison.sets.is_empty() {
            values = [comparison.in_common(values[0], values[1]); 2];
        }
        let usual = self.usual_agreement(prepared, at);
        let places =
            prepared.stratum.map_or([0; 2], |stratum| [left, right].map(|record| prepared.values(record)[stratum]));
        let common = if matches!(comparison.how, How::Given | How::Family) {
            let one_person = self.one_person as f32;
            prepared.common(at, values[0], places, one_person).max(prepared.common(at, values[1], places, one_person))
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
            return self.rarer(at, u, held);
        }
        if comparison.how == How::Email {
            return self.email_bits(prepared, at, left, right, pattern, common, usual);
        }
        if level == exact {
            self.rarer(at, usual, common)
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
        if comparison.is_set(value) {
            let bits = comparison.parts(&value).iter().map(|&part| self.bits_most(prepared, at, part));
            return bits.fold(f32::MIN, f32::max);
        }
        match comparison.people.get(value as usize) {
            Some(&people) => {
                let u = self.u[at][0][usize::from(self.exact[at])] as f32;
                self.rarer(at, u, self.held(prepared, at, people.saturating_sub(1) as f32))
            }
            None => {
                let common = prepared.common(at, value, [NONE; 2], self.one_person as f32);
                self.rarer(at, self.usual_agreement(prepared, at), common)
            }
        }
        .max(if self.parent[at].is_some() { 0.0 } else { f32::MIN })
    }

    /// How probable it is that two records agree, by what `common` counts: it is not less than the least of that.
    fn usual_agreement(&self, prepared: &Prepared, at: usize) -> f32 {
        let (usual, filled) = (prepared.usual[at], prepared.filled[at].max(1.0));
        let own = self.one_person * prepared.namesakes[at] / f64::from(filled).powi(2);
        (usual - own as f32).max((1.0 / filled).min(usual))
    }

    /// Bits by which agreement in a value that is as `common` says more than agreement as it is `usual`. Of one person's
    /// records a part keeps the value, and the others agree as anybody's do: where few keep it, as with a status, a rare
    /// value says little more than another.
    fn rarer(&self, at: usize, usual: f32, common: f32) -> f32 {
        let kept = self.kept[at];
        ((kept / common + 1.0 - kept) / (kept / usual + 1.0 - kept)).log2()
    }

    /// How probable it is that somebody else holds a value which so many others were seen to hold. One more record is
    /// taken to have been seen, which holds it as often as any value of the column: of few records, little is known.
    fn held(&self, prepared: &Prepared, at: usize, others: f32) -> f32 {
        let u = self.u[at][0][usize::from(self.exact[at])] as f32;
        ((others + u) / (prepared.filled[at] + 1.0)).max(ALONE)
    }

    /// How probable it is that the addresses of two people agree because their names do.
    fn explained(prepared: &Prepared, left: u32, right: u32, pattern: &Pattern) -> f32 {
        let agrees = |at: Option<usize>| at.is_none_or(|at| pattern[at] >= CLOSE);
        let share = [left, right].map(|row| prepared.template_share[prepared.templates[row as usize] as usize]);
        if agrees(prepared.given) && agrees(prepared.family) { share[0].max(share[1]) } else { 0.0 }
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
            self.rarer(at, usual, common.max(explained))
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
            prior(self.household) + household + namesakes + rarity.shared + rarity.household,
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
