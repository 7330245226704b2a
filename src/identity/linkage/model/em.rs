//! Expectation maximisation over counted patterns.

use rustc_hash::FxHashMap;

use super::super::kind::Kind;
use super::super::levels::{self, DIFFERENT, LEVELS, Pattern};
use super::super::prepare::Prepared;
use super::random::Rates;
use super::weigh::Rarity;
use super::{AGREE, Model, Table, pairs};

/// Patterns of candidate pairs with how many pairs have them; rarities are rounded to whole bits.
#[derive(Default)]
pub(crate) struct Patterns(FxHashMap<(Pattern, i8, i8), u64>);

/// A pattern and its rarity, and how many pairs have them.
pub(crate) struct Counted {
    pub(crate) pattern: Pattern,
    pub(crate) rarity: Rarity,
    pub(crate) count: f64,
}

impl Patterns {
    pub(crate) fn add(&mut self, pattern: Pattern, rarity: Rarity) {
        let round = |bits: f32| bits.round().clamp(-60.0, 60.0) as i8;
        *self.0.entry((pattern, round(rarity.shared), round(rarity.personal))).or_default() += 1;
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
        let counted = |((pattern, shared, personal), count)| Counted {
            pattern,
            rarity: Rarity { shared: f32::from(shared), personal: f32::from(personal) },
            count: count as f64,
        };
        all.into_iter()
            .map(|((pattern, shared, personal), count): ((Pattern, i8, i8), u64)| {
                counted(((pattern, shared, personal), count))
            })
            .collect()
    }
}

/// What came out of a fit.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Fit {
    /// Expected matches among the candidates.
    pub(crate) matches: f64,
    /// A comparison that should identify people and in which most of what passed for matches differ.
    pub(crate) implausible: Option<usize>,
}

/// More matches that differ in what identifies people are no matches.
const IMPLAUSIBLE: f64 = 0.7;

/// Matches' worth of belief in how one person's values usually agree: spellings and gaps are each source's own.
const BELIEF: f64 = 20.0;
/// Matches' worth of belief in how seldom one person's records differ in what nobody changes: that is known before any
/// data are seen, and a few dozen pairs that pass for matches are too few to teach otherwise.
const BELIEF_LASTING: f64 = 200.0;
/// Kin are alike at most so many times as often as is usual: what is alike even more often is one person's.
const KIN_MAX: f64 = 3.0;
/// Of one person's pairs: how many differ in a part of the address; of these, how many in another part as well; and how
/// many differ in that part if the one agrees.
const MOVED: f64 = 0.17;
const MOVED_TOWN: f64 = 0.5;
const SLIP: f64 = 0.03;
/// However many matches there are, belief in what is usual is worth this part of them.
const BELIEF_LEAST: f64 = 0.05;

impl Model {
    /// Learns m, u and the priors from candidate pairs. Pairs that are no candidates count as different people.
    pub(crate) fn fit(&mut self, prepared: &Prepared, rates: &Rates, counted: &[Counted], rounds_max: usize) -> Fit {
        let all = pairs(prepared.records);
        let mut fit = Fit::default();
        let mut implausible;
        for _ in 0..rounds_max {
            let before = self.prior;
            self.estimate_u(rates);
            self.weigh();
            let mut agreeing = vec![[[0.0; LEVELS]; 2]; self.m.len()];
            let (mut matches, mut households) = (0.0, 0.0);
            let mut namesakes = Namesakes::default();
            let mut kin = vec![[0.0; 2]; self.m.len()];
            for counted in counted {
                let (person, household) = self.odds(&counted.pattern, counted.rarity);
                let most = person.max(household).max(0.0);
                let [p, h, u] = [person, household, 0.0].map(|odds| f64::from(odds - most).exp2());
                let share = counted.count / (p + h + u);
                matches += p * share;
                households += h * share;
                namesakes.add(self, &counted.pattern, (h + u) * share);
                for (at, table) in agreeing.iter_mut().enumerate() {
                    let level = usize::from(counted.pattern[at]);
                    if level != 0 {
                        let state = self.state(at, &counted.pattern);
                        table[state][level] += p * share;
                        let like_one = self.kin[at] * self.m[at][state][level];
                        kin[at][0] += h * share * like_one / (like_one + self.u[at][state][level]);
                        kin[at][1] += h * share;
                    }
                }
            }
            implausible = None;
            for (at, comparison) in prepared.comparisons.iter().enumerate() {
                for state in 0..2 {
                    let total: f64 = agreeing[at][state].iter().sum();
                    if state == 0 && self.identifies[at] && total > BELIEF && agreeing[at][0][1] > IMPLAUSIBLE * total {
                        implausible = Some(at);
                    }
                    self.m[at][state] = if self.held {
                        self.usual[at][state]
                    } else {
                        let lasting = if self.lasts[at] { BELIEF_LASTING } else { BELIEF };
                        let apart = usize::from(levels::apart_to(comparison.how));
                        blend(&agreeing[at][state], &self.usual[at][state], apart, lasting)
                    };
                    let comparable = match (state, self.parent[at]) {
                        (0, _) => pairs(comparison.filled() as usize),
                        (_, Some(parent)) => {
                            pairs(prepared.comparisons[parent].filled() as usize)
                                * rates.rates[parent][usize::from(self.exact[parent])]
                        }
                        _ => 1.0,
                    };
                    self.found[at][state] =
                        agreeing[at][state].map(|matches| matches / comparable.max(total / 0.98).max(1.0));
                }
            }
            self.prior = ((matches + 0.5) / all).min(0.5);
            if self.household > 0.0 {
                self.household = ((households + 0.5) / all).min(0.3);
            }
            for (share, (kind, [like_one, all])) in self.kin.iter_mut().zip(self.usual_kin.iter().zip(kin)) {
                *share = ((like_one + BELIEF * kind) / (all + BELIEF)).min(KIN_MAX * kind).min(1.0);
            }
            self.namesakes = namesakes.factor(self, prepared);
            fit = Fit { matches, implausible };
            if (self.prior / before).ln().abs() < 1e-4 {
                break;
            }
        }
        self.estimate_u(rates);
        self.weigh();
        fit
    }

    /// Takes the matches out of what random pairs show.
    pub(crate) fn estimate_u(&mut self, rates: &Rates) {
        for at in 0..self.m.len() {
            self.u[at][0] = without_matches(&rates.rates[at], &self.found[at][0], rates.drawn);
            self.u[at][1] = match self.parent[at].and_then(|parent| rates.given[at][parent]) {
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
        let mut parents = vec![None; count];
        for child in (0..count).filter(|&child| self.changeable[child]) {
            let exact = usize::from(self.exact[child]);
            let mut gains: Vec<(f64, usize)> = Vec::new();
            for parent in (0..count).filter(|&parent| {
                self.strata[parent] && parent != child && (specific(parent), parent) < (specific(child), child)
            }) {
                let Some(row) = rates.given[child][parent] else { continue };
                let agree = usize::from(self.exact[parent]);
                let share = self.prior * self.m[parent][0][agree] / rates.rates[parent][agree];
                // Where those who agree are nearly all one person, nothing is known of the others.
                if share > 0.2 {
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
        self.parent = parents;
        for child in 0..count {
            if let Some(parent) = self.parent[child] {
                self.usual[child] = usual_given(prepared, child, parent, &self.usual[child][0]);
                self.m[child] = self.usual[child];
                let agree = usize::from(self.exact[parent]);
                let share = self.prior * self.m[parent][0][agree] / rates.rates[parent][agree];
                self.found[child][1] = self.m[child][1].map(|m| share * m);
            }
        }
    }
}

/// What is usual of one person's values if another comparison does not agree, and if it does: whoever has moved has
/// another street and another town, so that the town says little more.
fn usual_given(prepared: &Prepared, child: usize, parent: usize, usual: &[f64; LEVELS]) -> Table {
    let is_place = |at: usize| {
        matches!(
            prepared.comparisons[at].kind,
            Kind::Address | Kind::Postcode | Kind::City | Kind::Region | Kind::Country
        )
    };
    if !is_place(child) || !is_place(parent) {
        return [*usual; 2];
    }
    let filled = prepared.comparisons[parent].filled() / prepared.records.max(1) as f64;
    let (unknown, moved) = (1.0 - filled * filled, filled * filled * MOVED);
    let apart = (unknown * usual[1] + moved * MOVED_TOWN) / (unknown + moved).max(1e-300);
    let with = |different: f64| {
        let mut row = usual.map(|m| m * (1.0 - different) / (1.0 - usual[1]));
        row[1] = different;
        row
    };
    [with(apart), with(SLIP)]
}

/// Pairs of two people who agree in given and family name, and differ in something else that identifies people: those who
/// do not would confirm whatever is believed of them.
#[derive(Default)]
struct Namesakes(f64);

impl Namesakes {
    /// Pairs that are expected to be namesakes by chance, and are as seen: the belief that names are independent.
    const BELIEF: f64 = 1.0;

    fn add(&mut self, model: &Model, pattern: &Pattern, apart: f64) {
        if model.names(pattern) == Some(true) && model.others().any(|at| pattern[at] == DIFFERENT) {
            self.0 += apart;
        }
    }

    /// Of so many records, how often a name occurs says as much of its bearers as that names go together. Of fewer it says
    /// less: each name that two of them share seems to be rare.
    const RECORDS: f64 = 1000.0;

    /// How many times as many they are as there would be by chance.
    fn factor(&self, model: &Model, prepared: &Prepared) -> f64 {
        let (Some(given), Some(family)) = (model.given, model.family) else { return 1.0 };
        let agree = |at: usize| model.u[at][0][usize::from(AGREE)..].iter().sum::<f64>();
        let both = |at: usize| (f64::from(prepared.filled[at]) / prepared.records.max(1) as f64).powi(2);
        let apart = |at: usize| both(at) * model.u[at][0][usize::from(DIFFERENT)];
        let known = both(given) * both(family) * (1.0 - model.others().map(|at| 1.0 - apart(at)).product::<f64>());
        let expected = pairs(prepared.records) * known * agree(given) * agree(family);
        let times = ((self.0 + Self::BELIEF) / (expected + Self::BELIEF)).max(1.0);
        times.powf(Self::RECORDS / (Self::RECORDS + f64::from(prepared.filled[family])))
    }
}

/// How one person's values agree: as was counted and as is usual, each for so many matches. How often they are not the
/// same (up to level `apart`) is believed for itself, apart from how they agree if they do.
fn blend(counted: &[f64; LEVELS], usual: &[f64; LEVELS], apart: usize, lasting: f64) -> [f64; LEVELS] {
    let total: f64 = counted.iter().sum();
    let least = BELIEF_LEAST * total;
    let mut m = [0.0; LEVELS];
    let (mut left, mut counted_left, mut usual_left) = (1.0, total, 1.0);
    for level in 1..=apart {
        m[level] = (counted[level] + (lasting + least) * usual[level]) / (total + lasting + least);
        left -= m[level];
        counted_left -= counted[level];
        usual_left -= usual[level];
    }
    let belief = BELIEF + BELIEF_LEAST * counted_left;
    for level in apart + 1..LEVELS {
        m[level] = left * (counted[level] + belief * usual[level] / usual_left) / (counted_left + belief);
    }
    m
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
