//! What is known of any table before its pairs are seen, and how it gives way to what they show.

use super::super::kind::Kind;
use super::super::levels::{self, LEVELS};
use super::super::prepare::{Comparison, Prepared};
use super::Table;

/// Matches' worth of belief in how one person's values usually agree: spellings and gaps are each source's own.
const BELIEF: f64 = 20.0;
/// Matches' worth of belief in how seldom one person's records differ in what nobody changes: that is known before any
/// data are seen, and a few dozen pairs that pass for matches are too few to teach otherwise.
const BELIEF_LASTING: f64 = 200.0;
/// However many matches there are, belief in what is usual is worth this part of them.
const BELIEF_LEAST: f64 = 0.05;
/// Kin are alike at most so many times as often as is usual: what is alike even more often is one person's.
const KIN_MAX: f64 = 3.0;
/// Of one person's pairs, so many differ in a part of the address.
const MOVED: f64 = 0.17;
/// Of these, so many differ in another part as well.
const MOVED_TOWN: f64 = 0.5;
/// Of the others, so many differ in it.
const SLIP: f64 = 0.03;
/// Of two people in one narrow place, so many have the same wider one.
const OF_ONE_PLACE: f64 = 0.9;
/// A comparison that is filled so many times as often as another is as good as it.
const OFTEN: f32 = 0.8;

/// What is to be expected of one person's records. Columns that need not say anything about a person are taken to say
/// little until the data show more.
pub(super) fn m(comparison: &Comparison, rates: &[f64; LEVELS]) -> [f64; LEVELS] {
    let own = match comparison.kind {
        Kind::Category | Kind::Number | Kind::Date | Kind::Text | Kind::Group => 0.2,
        _ => 1.0,
    };
    let mut row = [0.0; LEVELS];
    for (level, &m) in levels::usual_m(comparison).iter().enumerate() {
        row[level + 1] = own * m + (1.0 - own) * rates[level + 1];
    }
    row
}

/// How narrow a place is that a comparison is about: an address is narrower than a postcode.
fn width(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Address => Some(0),
        Kind::Postcode => Some(1),
        Kind::City => Some(2),
        Kind::Region => Some(3),
        Kind::Country => Some(4),
        _ => None,
    }
}

/// Of the comparisons of narrower places that are about as often filled, the widest: a county follows from the town.
pub(super) fn place_within(prepared: &Prepared, child: usize) -> Option<usize> {
    let own = width(prepared.comparisons[child].kind)?;
    let width_of = |at: usize| width(prepared.comparisons[at].kind).filter(|width| *width < own);
    let narrower = (0..prepared.comparisons.len()).filter_map(|at| Some((width_of(at)?, at)));
    let narrower: Vec<(u8, usize)> = narrower.collect();
    let most = narrower.iter().fold(0.0_f32, |most, &(_, at)| most.max(prepared.filled[at]));
    let often = narrower.into_iter().filter(|&(_, at)| prepared.filled[at] >= OFTEN * most);
    often.max_by_key(|&(width, at)| (width, std::cmp::Reverse(at))).map(|(_, at)| at)
}

/// What two people's values come to who agree in a narrower place.
pub(super) fn of_one_place(apart: &[f64; LEVELS], exact: u8) -> [f64; LEVELS] {
    let exact = usize::from(exact);
    let rest: f64 = apart.iter().sum::<f64>() - apart[exact];
    let mut row = apart.map(|u| (1.0 - OF_ONE_PLACE) * u / rest.max(1e-300));
    row[exact] = OF_ONE_PLACE;
    row
}

/// What is usual of one person's values if another comparison does not agree, and if it does: whoever has moved has
/// another street and another town, so that the town says little more.
pub(super) fn given(prepared: &Prepared, child: usize, parent: usize, usual: &[f64; LEVELS]) -> Table {
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

/// How one person's values agree: as was counted and as is usual, each for so many matches. How often they are not the
/// same (up to level `apart`) is believed for itself, more firmly if it `lasts`, apart from how they agree if they do, and
/// learnt from the matches `sure`.
pub(super) fn blend(
    counted: &[f64; LEVELS],
    sure: &[f64; LEVELS],
    usual: &[f64; LEVELS],
    apart: u8,
    lasts: bool,
) -> [f64; LEVELS] {
    let apart = usize::from(apart);
    let (total, total_sure): (f64, f64) = (counted.iter().sum(), sure.iter().sum());
    let belief = if lasts { BELIEF_LASTING } else { BELIEF } + BELIEF_LEAST * total_sure;
    let mut m = [0.0; LEVELS];
    let (mut left, mut counted_left, mut usual_left) = (1.0, total, 1.0);
    for level in 1..=apart {
        m[level] = (sure[level] + belief * usual[level]) / (total_sure + belief);
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

/// Keeps the share of a level from being more than this.
pub(super) fn hold(m: &mut [f64; LEVELS], level: u8, most: f64) {
    let share = m[usize::from(level)];
    if share > most {
        for m in m.iter_mut() {
            *m *= (1.0 - most) / (1.0 - share);
        }
        m[usize::from(level)] = most;
    }
}

/// Which share of the pairs of one household agrees as one person's records do, of whom so many do.
pub(super) fn kin(like_one: f64, all: f64, usual: f64) -> f64 {
    ((like_one + BELIEF * usual) / (all + BELIEF)).min(KIN_MAX * usual).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [f64; LEVELS] = [0.0, 0.01, 0.02, 0.03, 0.07, 0.87, 0.0, 0.0, 0.0];

    /// The share of matches that differ, if `different` of `all` were counted, and the others are the same.
    fn learnt(different: f64, all: f64, lasts: bool) -> f64 {
        let counted = [0.0, different, 0.0, 0.0, 0.0, all - different, 0.0, 0.0, 0.0];
        let m = blend(&counted, &counted, &USUAL, 1, lasts);
        assert!((m.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        m[1]
    }

    #[test]
    fn few_matches_teach_little_of_what_nobody_changes_and_many_decide() {
        assert!(learnt(10.0, 70.0, true) < 0.05);
        assert!(learnt(10.0, 70.0, false) > 0.1);
        assert!((learnt(14_000.0, 100_000.0, true) - 0.14).abs() < 0.01);
    }

    #[test]
    fn kin_do_not_take_what_is_one_persons() {
        assert!((kin(0.0, 0.0, 0.01) - 0.01).abs() < 1e-9);
        assert!((kin(500.0, 1000.0, 0.01) - 0.03).abs() < 1e-9);
    }
}
