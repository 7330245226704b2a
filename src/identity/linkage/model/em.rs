//! Expectation maximisation over counted patterns.

use rustc_hash::FxHashMap;

use super::super::kind::Kind;
use super::super::levels::{self, DIFFERENT, LEVELS, NULL, Pattern};
use super::super::prepare::Prepared;
use super::namesakes::Namesakes;
use super::random::Rates;
use super::weigh::Rarity;
use super::{Model, Table, pairs, usual};

/// Patterns of candidate pairs with how many pairs have them; rarities are rounded to whole bits.
#[derive(Default)]
pub(crate) struct Patterns(FxHashMap<(Pattern, [i8; 3]), u64>);

/// A pattern and its rarity, and how many pairs have them.
pub(crate) struct Counted {
    pub(crate) pattern: Pattern,
    pub(crate) rarity: Rarity,
    pub(crate) count: f64,
}

impl Patterns {
    pub(crate) fn add(&mut self, pattern: Pattern, rarity: Rarity) {
        let round = |bits: f32| bits.round().clamp(-60.0, 60.0) as i8;
        let rarity = [rarity.shared, rarity.personal, rarity.household].map(round);
        *self.0.entry((pattern, rarity)).or_default() += 1;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (pattern, count) in other.0 {
            *self.0.entry(pattern).or_default() += count;
        }
    }

    /// In an order that does not depend on how they were found.
    pub(crate) fn sorted(self) -> Vec<Counted> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_unstable();
        let counted = |((pattern, rarity), count): ((Pattern, [i8; 3]), u64)| {
            let [shared, personal, household] = rarity.map(f32::from);
            Counted { pattern, rarity: Rarity { shared, personal, household }, count: count as f64 }
        };
        all.into_iter().map(counted).collect()
    }
}

/// What came out of a fit.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Fit {
    /// Expected matches among the candidates.
    pub(crate) matches: f64,
    /// A comparison that should identify people and in which too much of what passed for matches differs.
    pub(crate) implausible: Option<usize>,
    /// Which part of the pairs of records that have both names in common is expected to be one person's.
    pub(crate) one_person: f64,
}

/// More matches that differ in what identifies people, though they may change it, are no matches.
const IMPLAUSIBLE: f64 = 0.7;
/// Nor are more that differ in given name or birth date: it is households that do.
const IMPLAUSIBLE_LASTING: f64 = 0.3;
/// Nor in family name, which some do change.
const IMPLAUSIBLE_FAMILY: f64 = 0.5;

/// Of one person's records, so many have given names that both exist and are not forms of each other. Households with one
/// e-mail address look like people who go by two names, and would teach that many do: only those who are born on one day say
/// so, with so many matches' worth of belief that they do not.
const ANOTHER_NAME: f64 = 0.01;
const ANOTHER_NAME_BELIEF: f64 = 200.0;

/// Where more of those who agree in a comparison are one person, nothing is known of the others.
const KNOWN_MAX: f64 = 0.2;

/// Of all pairs, no more are one person's.
const PRIOR_MAX: f64 = 0.5;
/// Nor of a few records, of which two that have nothing in common would be one otherwise.
const PRIOR_MAX_FEW: f64 = 0.25;
const FEW: usize = 15;

/// Fewer say nothing of it.
const MATCHES_MIN: f64 = 20.0;

/// What is expected of the candidates by the model as it is.
struct Expected {
    matches: f64,
    households: f64,
    /// Per comparison, state and level: matches.
    agreeing: Vec<Table>,
    /// Per comparison, and level: matches that a value confirms which each person has for himself, beside it.
    confirmed: Vec<[f64; LEVELS]>,
    /// Per comparison: pairs of one household that agree in it as one person's records do, and all that have values.
    kin: Vec<[f64; 2]>,
    namesakes: Namesakes,
    /// Matches that have both names in common.
    named: f64,
    /// Matches of one birth date: those with another given name, and all whose given names are known.
    born: [f64; 2],
}

impl Model {
    /// Learns m, u and the priors from candidate pairs. Pairs that are no candidates count as different people.
    pub(crate) fn fit(&mut self, prepared: &Prepared, rates: &Rates, counted: &[Counted], rounds_max: usize) -> Fit {
        let mut fit = Fit::default();
        for _ in 0..rounds_max {
            let before = self.prior;
            self.estimate_u(rates);
            self.weigh();
            let expected = self.expect(counted);
            let implausible = self.maximise(prepared, rates, &expected);
            let namesakes = self.given.map_or(0.0, |given| prepared.namesakes[given]).max(1.0);
            let one_person = (2.0 * expected.named / namesakes).min(1.0);
            fit = Fit { matches: expected.matches, implausible, one_person };
            if (self.prior / before).ln().abs() < 1e-4 {
                break;
            }
        }
        self.estimate_u(rates);
        self.weigh();
        fit
    }

    fn expect(&self, counted: &[Counted]) -> Expected {
        let count = self.m.len();
        let mut expected = Expected {
            matches: 0.0,
            households: 0.0,
            agreeing: vec![[[0.0; LEVELS]; 2]; count],
            confirmed: vec![[0.0; LEVELS]; count],
            kin: vec![[0.0; 2]; count],
            namesakes: Namesakes::default(),
            named: 0.0,
            born: [0.0; 2],
        };
        for counted in counted {
            let is_confirmed = (0..count).any(|at| self.confirms[at] && counted.pattern[at] == self.exact[at]);
            let (person, household) = self.odds(&counted.pattern, counted.rarity);
            let most = person.max(household).max(0.0);
            let [p, h, u] = [person, household, 0.0].map(|odds| f64::from(odds - most).exp2());
            let share = counted.count / (p + h + u);
            expected.matches += p * share;
            expected.households += h * share;
            let is_same = self.given.is_some_and(|given| counted.pattern[given] == self.exact[given]);
            if is_same && self.names(&counted.pattern) == Some(true) {
                expected.named += p * share;
            }
            if let (Some(given), Some(born)) = (self.given, self.born)
                && counted.pattern[given] != NULL
                && counted.pattern[born] == self.exact[born]
            {
                expected.born[0] += if counted.pattern[given] == DIFFERENT { p * share } else { 0.0 };
                expected.born[1] += p * share;
            }
            expected.namesakes.add(self, &counted.pattern, (h + u) * share);
            for at in 0..count {
                let level = usize::from(counted.pattern[at]);
                if level != 0 {
                    let state = self.state(at, &counted.pattern);
                    expected.agreeing[at][state][level] += p * share;
                    expected.confirmed[at][level] += if is_confirmed { p * share } else { 0.0 };
                    let like_one = self.kin[at] * self.m[at][state][level];
                    let all = (like_one + self.u[at][state][level]).max(1e-300);
                    expected.kin[at][0] += h * share * like_one / all;
                    expected.kin[at][1] += h * share;
                }
            }
        }
        expected
    }

    /// Makes the model what was expected, as far as what is usual allows. Gives a comparison that should identify people
    /// and in which most matches would differ.
    fn maximise(&mut self, prepared: &Prepared, rates: &Rates, expected: &Expected) -> Option<usize> {
        let mut implausible = None;
        let [another, all] = expected.born;
        let most_another = (another + ANOTHER_NAME_BELIEF * ANOTHER_NAME) / (all + ANOTHER_NAME_BELIEF);
        for (at, comparison) in prepared.comparisons.iter().enumerate() {
            for state in 0..2 {
                let agreeing = &expected.agreeing[at][state];
                let total: f64 = agreeing.iter().sum();
                if state == 0
                    && self.identifies[at]
                    && total > MATCHES_MIN
                    && agreeing[1..=self.different_to[at]].iter().sum::<f64>()
                        > implausible_from(comparison.kind) * total
                {
                    implausible = Some(at);
                }
                let usual = &self.usual[at][state];
                self.m[at][state] = if self.held {
                    *usual
                } else {
                    // Fathers and sons of one name and home are as many as people with two birth dates, and look alike.
                    let apart = if comparison.kind == Kind::BirthDate { &expected.confirmed[at] } else { agreeing };
                    usual::blend(agreeing, apart, usual, levels::apart_to(comparison.how), self.lasts[at])
                };
                // Only once it is known that what passes for matches is plausible as it is.
                if self.given == Some(at) && self.one_person > 0.0 {
                    usual::hold(&mut self.m[at][state], DIFFERENT, most_another);
                }
                let comparable = match (state, self.parent[at]) {
                    (0, _) => pairs(comparison.filled() as usize),
                    (_, Some(parent)) => {
                        pairs(prepared.comparisons[parent].filled() as usize)
                            * rates.rates[parent][usize::from(self.exact[parent])]
                    }
                    _ => 1.0,
                };
                self.found[at][state] = agreeing.map(|matches| matches / comparable.max(total / 0.98).max(1.0));
            }
        }
        let all = pairs(prepared.records);
        let most = if prepared.records < FEW { PRIOR_MAX_FEW } else { PRIOR_MAX };
        self.prior = ((expected.matches + 0.5) / all).min(most);
        if self.household > 0.0 {
            self.household = ((expected.households + 0.5) / all).min(0.3);
        }
        for (at, &[like_one, all]) in expected.kin.iter().enumerate() {
            self.kin[at] = usual::kin(like_one, all, self.usual_kin[at]);
        }
        self.namesakes = expected.namesakes.factor(self, prepared);
        implausible
    }

    /// Takes the matches out of what random pairs show.
    pub(crate) fn estimate_u(&mut self, rates: &Rates) {
        for at in 0..self.m.len() {
            self.u[at][0] = without_matches(&rates.rates[at], &self.found[at][0], rates.drawn);
            self.u[at][1] = match self.parent[at].and_then(|parent| rates.given[at][parent]) {
                _ if self.assumed[at] => usual::of_one_place(&self.u[at][0], self.exact[at]),
                Some(row) => without_matches(&row, &self.found[at][1], 1000),
                None => self.u[at][0],
            };
        }
    }

    /// Finds what each comparison depends on among people who are not the same: the more specific comparison whose
    /// agreement changes its probabilities most.
    pub(crate) fn find_parents(&mut self, prepared: &Prepared, rates: &Rates) {
        let count = self.m.len();
        let specific = |at: usize| rates.rates[at][usize::from(self.exact[at])];
        // Of the pairs that agree, how many are expected to be of one person.
        let share = |at: usize| self.prior * self.m[at][0][usize::from(self.exact[at])] / specific(at);
        let mut parents = vec![None; count];
        let mut assumed = vec![false; count];
        // How common a name is where somebody comes from is in its weight already.
        let is_counted =
            |child: usize, parent: usize| prepared.stratum == Some(child) && prepared.given == Some(parent);
        for child in (0..count).filter(|&child| self.changeable[child]) {
            let exact = usize::from(self.exact[child]);
            let mut gains: Vec<(f64, usize)> = Vec::new();
            for parent in (0..count).filter(|&parent| {
                self.strata[parent]
                    && parent != child
                    && (specific(parent), parent) < (specific(child), child)
                    && !is_counted(child, parent)
            }) {
                let Some(row) = rates.given[child][parent] else { continue };
                let share = share(parent);
                // Where those who agree are nearly all one person, nothing is known of the others.
                if share > KNOWN_MAX {
                    continue;
                }
                let u = without_matches(&row, &self.m[child][0].map(|m| share * m), 1000)[exact];
                gains.push(((u / self.u[child][0][exact]).log2(), parent));
            }
            // Of those that explain about as much, the least specific: a county by its towns, not by their postcodes.
            let most = gains.iter().fold(0.0, |most: f64, gain| most.max(gain.0));
            let near = gains.into_iter().filter(|&(gain, _)| gain > 1.5 && gain > 0.8 * most);
            parents[child] = near.map(|(_, parent)| parent).max_by(|&one, &other| {
                (specific(one), one).partial_cmp(&(specific(other), other)).unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        for child in (0..count).filter(|&child| self.changeable[child]) {
            let unknown = |&parent: &usize| {
                let is_narrower = (specific(parent), parent) < (specific(child), child);
                is_narrower && (rates.given[child][parent].is_none() || share(parent) > KNOWN_MAX)
            };
            if parents[child].is_none() {
                parents[child] = usual::place_within(prepared, child).filter(unknown);
                assumed[child] = parents[child].is_some();
            }
        }
        (self.parent, self.assumed) = (parents, assumed);
        for child in 0..count {
            if let Some(parent) = self.parent[child] {
                self.usual[child] = usual::given(prepared, child, parent, &self.usual[child][0]);
                self.m[child] = self.usual[child];
                let agree = usize::from(self.exact[parent]);
                let share = self.prior * self.m[parent][0][agree] / rates.rates[parent][agree];
                self.found[child][1] = self.m[child][1].map(|m| share * m);
            }
        }
    }
}

/// The share of matches that differ in a comparison of this kind from which they are none.
fn implausible_from(kind: Kind) -> f64 {
    match kind {
        Kind::Given | Kind::BirthDate => IMPLAUSIBLE_LASTING,
        Kind::Family => IMPLAUSIBLE_FAMILY,
        _ => IMPLAUSIBLE,
    }
}

/// What is left of the rates of a mixture after the matches found in it are taken out, never less than a small part.
fn without_matches(rates: &[f64; LEVELS], found: &[f64; LEVELS], drawn: usize) -> [f64; LEVELS] {
    let mut u = [0.0; LEVELS];
    let share: f64 = found.iter().sum();
    for level in 1..LEVELS {
        if rates[level] > 0.0 {
            let least = (0.02 * rates[level]).max(0.1 / drawn.max(1) as f64 * rates[level].min(1.0));
            u[level] = ((rates[level] - found[level]) / (1.0 - share)).max(least);
        }
    }
    let total: f64 = u.iter().sum();
    u.map(|u| u / total.max(1e-300))
}
