//! Which level of agreement two records reach in each comparison.

use super::compare::{jaro_winkler_from, osa, osa_within, slips};
use super::kind::Kind;
use super::prepare::{BETWEEN, Comparison, How, Prepared};
use crate::names::{self, Script};

/// Comparisons per table at most.
pub(crate) const COMPARISONS_MAX: usize = 40;
/// Levels per comparison at most, with the null level.
pub(crate) const LEVELS: usize = 9;

/// One of the records has no value.
pub(crate) const NULL: u8 = 0;
/// Both have values that are not alike; of names, two that both exist and of which neither is a form of the other.
pub(crate) const DIFFERENT: u8 = 1;

/// Names that are not alike, of which one is not known at least: a slip, a pet name, or no name.
const UNLIKE: u8 = 2;
pub(crate) const ALIKE: u8 = 3;
/// One name is, or both are, an initial.
const INITIAL: u8 = 4;
/// From this level on names agree.
pub(crate) const CLOSE: u8 = 5;
/// Of a given name: a nickname or another form; of a family name: a part.
const FORM: u8 = 6;
/// Given and family name are in each other's place: said by the given name's level, the family name's is that of the
/// names crosswise.
pub(crate) const SWAPPED: u8 = 7;

/// Per comparison: its level.
pub(crate) type Pattern = [u8; COMPARISONS_MAX];

/// What a level is called, from the null level up.
pub(crate) fn names(how: How) -> &'static [&'static str] {
    match how {
        How::Given => {
            &["null", "another name", "different", "alike", "initial", "close", "other form", "swapped", "exact"]
        }
        How::Family => &["null", "another name", "different", "alike", "initial", "close", "part", "swapped", "exact"],
        How::OtherNames => &["null", "different", "initial", "close", "shared", "exact"],
        How::Date => &["null", "different", "year or day", "two slips", "one slip", "exact"],
        How::Email => &["null", "different", "local part alike", "close", "exact"],
        How::Phone => &["null", "different", "close", "exact"],
        How::Code => &["null", "different", "beginning", "close", "exact"],
        How::Short => &["null", "different", "alike", "close", "exact"],
        How::Words => &["null", "different", "some words", "most words", "close", "exact"],
        How::Exact => &["null", "different", "exact"],
    }
}

/// The level at which values are the same.
pub(crate) fn exact(how: How) -> u8 {
    names(how).len() as u8 - 1
}

/// The levels up to which values are not the same, however alike they look: names of siblings often are.
pub(crate) fn apart_to(how: How) -> u8 {
    match how {
        How::Given | How::Family => ALIKE,
        _ => DIFFERENT,
    }
}

/// The levels up to which values are not even alike.
pub(crate) fn different_to(how: How) -> u8 {
    match how {
        How::Given | How::Family => UNLIKE,
        _ => DIFFERENT,
    }
}

/// What is to be expected of one person's records before any data are seen, from level 1.
pub(crate) fn usual_m(comparison: &Comparison) -> &'static [f64] {
    match (comparison.how, comparison.kind) {
        (How::Given, _) => &[0.01, 0.04, 0.01, 0.02, 0.06, 0.05, 0.02, 0.79],
        (How::Family, _) => &[0.03, 0.03, 0.01, 0.01, 0.07, 0.03, 0.02, 0.80],
        (How::OtherNames, _) => &[0.15, 0.15, 0.10, 0.20, 0.40],
        (How::Date, Kind::BirthDate) => &[0.01, 0.02, 0.03, 0.07, 0.87],
        (How::Date, _) => &[0.40, 0.10, 0.10, 0.10, 0.30],
        (How::Email, _) => &[0.25, 0.05, 0.10, 0.60],
        (How::Phone, _) => &[0.25, 0.05, 0.70],
        (How::Code, Kind::Id) => &[0.05, 0.02, 0.08, 0.85],
        (How::Code, _) => &[0.17, 0.05, 0.08, 0.70],
        (How::Short, _) => &[0.20, 0.02, 0.08, 0.70],
        (How::Words, Kind::Address) => &[0.15, 0.10, 0.10, 0.15, 0.50],
        (How::Words, _) => &[0.30, 0.10, 0.10, 0.10, 0.40],
        (How::Exact, Kind::Sex | Kind::Generation) => &[0.02, 0.98],
        (How::Exact, _) => &[0.40, 0.60],
    }
}

impl Prepared {
    /// The level of each comparison.
    pub(crate) fn levels(&self, left: u32, right: u32, levels: &mut Pattern) {
        let (ours, theirs) = (self.values(left), self.values(right));
        for (at, level) in levels.iter_mut().enumerate().take(ours.len()) {
            *level = self.level(at, ours[at], theirs[at]);
        }
        self.swaps(left as usize, right as usize, levels);
    }

    /// The level of two values in one comparison, before names are looked for in each other's place.
    pub(crate) fn level(&self, at: usize, one: u32, other: u32) -> u8 {
        let comparison = &self.comparisons[at];
        if one == 0 || other == 0 {
            NULL
        } else if one == other {
            let is_initial = comparison.how == How::Given && self.forms.are_letters(one, 1);
            if is_initial { INITIAL } else { exact(comparison.how) }
        } else if !comparison.placeholders.is_empty() && comparison.either_is_placeholder(one, other) {
            NULL
        } else {
            match comparison.how {
                How::Given | How::Family => self.name(comparison, one, other),
                How::OtherNames => self.other_names(comparison, one, other),
                _ => comparison.level(one as usize, other as usize),
            }
        }
    }

    /// Given and family name in each other's place, or among the further names.
    pub(crate) fn swaps(&self, left: usize, right: usize, levels: &mut Pattern) {
        let (Some(given), Some(family)) = (self.given, self.family) else { return };
        if self.names_are_shown(left as u32, right as u32) && self.share_an_address(levels) {
            // The address says it already.
            (levels[given], levels[family]) = (NULL, NULL);
            return;
        }
        let weak = |level: u8| (DIFFERENT..=INITIAL).contains(&level);
        let value = |at: usize, row: usize| self.values(row as u32)[at];
        let (g, f) = (levels[given], levels[family]);
        if !weak(g) && !weak(f) && (g != NULL || f != NULL) {
            return;
        }
        let comparison = &self.comparisons[given];
        let crossed = |one: u32, other: u32| {
            one != 0
                && other != 0
                && (one == other
                    || self.name(comparison, one, other) >= CLOSE
                    || self.may_be_one_family(one as usize, other as usize))
        };
        let (gl, gr) = (value(given, left), value(given, right));
        let (fl, fr) = (value(family, left), value(family, right));
        let (one, other) = (crossed(gl, fr), crossed(fl, gr));
        let initials = |one: u32, other: u32| one != 0 && other != 0 && self.name(comparison, one, other) == INITIAL;
        if one && other {
            let same = gl == fr && fl == gr;
            (levels[given], levels[family]) = (SWAPPED, if same { exact(How::Family) } else { CLOSE });
        } else if one && initials(fl, gr) || other && initials(gl, fr) {
            // `Pop Ana` and `A. Pop`.
            let same = if one { gl == fr } else { fl == gr };
            (levels[given], levels[family]) = (INITIAL, if same { exact(How::Family) } else { CLOSE });
        } else if (one || other) && (g == NULL || f == NULL) {
            // One record has a single name, and it is the other's in the other place.
            levels[if f == NULL { given } else { family }] = FORM;
        } else {
            // Among the other's further names, not where its given or family name is: a family's names would all match.
            let inside = |value: u32, row: usize, beside: u32| {
                value != 0
                    // Words that are read alike are not the same.
                    && self.forms.scripts[value as usize] == Script::Letters
                    && comparison.tokens[value as usize].iter().all(|name| {
                        self.all_names(row).contains(name) && !comparison.tokens[beside as usize].contains(name)
                    })
            };
            for (at, one, other, beside, beside_other) in [(given, gl, gr, fl, fr), (family, fl, fr, gl, gr)] {
                let weak = (DIFFERENT..=ALIKE).contains(&levels[at]);
                if weak && (inside(one, right, beside_other) || inside(other, left, beside)) {
                    levels[at] = FORM;
                }
            }
        }
    }

    /// Whether two names are spellings of one family name, of which at least one may be a given name.
    fn may_be_one_family(&self, one: usize, other: usize) -> bool {
        let forms = &self.forms;
        let says_enough = match [forms.scripts[one], forms.scripts[other]] {
            [Script::Han, Script::Han] => false,
            // `Li` and `Yi` are one name, and so are two of them of many families.
            [Script::Letters, Script::Letters] => forms.lengths[one].max(forms.lengths[other]) > 2,
            _ => true,
        };
        says_enough && meet(&forms.family_roots[one], &forms.family_roots[other])
    }

    /// Whether two records have an e-mail address in common, by these levels.
    fn share_an_address(&self, levels: &Pattern) -> bool {
        let emails = self.comparisons.iter().zip(levels).filter(|(comparison, _)| comparison.how == How::Email);
        emails.into_iter().any(|(_, &level)| level == exact(How::Email))
    }

    /// The level of two different names, of which neither is missing. Names that both exist in a language are another's if
    /// nothing makes one of them the other.
    fn name(&self, comparison: &Comparison, one: u32, other: u32) -> u8 {
        let (forms, is_given) = (&self.forms, comparison.how == How::Given);
        let (one, other) = (one as usize, other as usize);
        let [left, right] = [one, other].map(|name| &comparison.texts[name][..forms.lengths[name] as usize]);
        let scripts = [forms.scripts[one], forms.scripts[other]];
        let known_in = if is_given { &forms.given_in } else { &forms.family_in };
        let are_known = known_in[one] & known_in[other] != 0;
        let unlike = if are_known { DIFFERENT } else { UNLIKE };
        let are_given = is_given && are_known;
        if scripts == [Script::Han; 2] {
            let own = |name: usize| &comparison.texts[name][forms.lengths[name] as usize..];
            if own(one) == own(other) {
                // The same word, of which one says how it is read.
                return CLOSE;
            }
            // Read alike, and another word.
            return if left == right && !left.is_empty() { ALIKE } else { unlike };
        }
        if left.is_empty() || right.is_empty() {
            return NULL;
        }
        let roots = if is_given { &forms.given_roots } else { &forms.family_roots };
        if meet(&roots[one], &roots[other]) {
            return if is_given { FORM } else { CLOSE };
        }
        if scripts != [Script::Letters; 2] {
            return across(scripts, left, right).unwrap_or(unlike);
        }
        let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
        if short.len() == 1 {
            return if long.starts_with(short) { INITIAL } else { unlike };
        }
        let (tokens, others) = (&comparison.tokens[one], &comparison.tokens[other]);
        if (tokens.len() > 1 || others.len() > 1) && (within(tokens, others) || within(others, tokens)) {
            return FORM;
        }
        if is_given && (diminutive(left, right) || diminutive(right, left)) {
            return FORM;
        }
        if names::is_wife_of(left, right) {
            return DIFFERENT;
        }
        let is_spelling = forms.keys[one] != 0 && forms.keys[one] == forms.keys[other];
        // Two names of one language are seldom a slip for each other, however near they are: Ion and Ioan, Lena and Lina.
        if is_spelling && !are_given || forms.plain[one] != 0 && forms.plain[one] == forms.plain[other] {
            return CLOSE;
        }
        let Some(likeness) = jaro_winkler_from(left, right, 0.8) else { return unlike };
        let slips = osa(left, right);
        let is_slip = slips <= 1 + u32::from(short.len() >= 9) || likeness >= 0.92 && slips <= 2;
        // Of three letters, another one makes another name: Jin and Jing.
        let is_slip = is_slip && short.len() >= 4 && !are_given && !(is_given && other_gender(short, long));
        if is_slip {
            CLOSE
        } else if are_given && slips > 2 {
            // Names that both exist and only begin alike: Mark and Marsha.
            DIFFERENT
        } else {
            ALIKE
        }
    }

    fn other_names(&self, comparison: &Comparison, one: u32, other: u32) -> u8 {
        let (tokens, others) = (&comparison.tokens[one as usize], &comparison.tokens[other as usize]);
        if meet(tokens, others) {
            return 4;
        }
        let Some(names) = self.given.or(self.family).map(|at| &self.comparisons[at]) else { return DIFFERENT };
        let mut best = DIFFERENT;
        for &one in tokens {
            for &other in others {
                let (left, right) = (&names.texts[one as usize], &names.texts[other as usize]);
                if left.len().min(right.len()) == 1 {
                    best = best.max(if left[0] == right[0] { 2 } else { DIFFERENT });
                } else if jaro_winkler_from(left, right, 0.9).is_some() {
                    best = 3;
                }
            }
        }
        best
    }
}

impl Comparison {
    fn level(&self, one: usize, other: usize) -> u8 {
        let (left, right) = (&self.texts[one][..], &self.texts[other][..]);
        match self.how {
            How::Date => dates(left, right),
            How::Email => self.best(one, other, emails),
            How::Phone => self.best(one, other, phones),
            How::Code => {
                if left.len().min(right.len()) >= 3 && osa_within(left, right, 1)
                    || self.kind == Kind::Id && is_part(left, right)
                {
                    3
                } else if self.kind == Kind::Postcode && left[..(left.len() * 3 / 5)] == right[..(right.len() * 3 / 5)]
                {
                    2
                } else {
                    DIFFERENT
                }
            }
            How::Short => {
                let likeness = jaro_winkler_from(left, right, 0.85);
                if likeness.is_some_and(|likeness| likeness >= 0.93)
                    || (left.len().min(right.len()) >= 5 && osa_within(left, right, 1))
                {
                    3
                } else if likeness.is_some() {
                    2
                } else {
                    DIFFERENT
                }
            }
            How::Words => self.words(one, other),
            _ => DIFFERENT,
        }
    }

    fn either_is_placeholder(&self, one: u32, other: u32) -> bool {
        [one, other].iter().any(|value| self.placeholders.contains(value))
    }

    /// The best level of two values that may be several each.
    fn best(&self, one: usize, other: usize, level: impl Fn(&[u8], &[u8]) -> u8) -> u8 {
        let (left, right) = (&self.texts[one][..], &self.texts[other][..]);
        if self.sets.is_empty() {
            return level(left, right);
        }
        let of = |one, other| if one == other { exact(self.how) } else { level(one, other) };
        let is_between = |byte: &u8| *byte == BETWEEN;
        let parts = left.split(is_between).flat_map(|one| right.split(is_between).map(move |other| (one, other)));
        parts.map(|(one, other)| of(one, other)).max().unwrap_or(DIFFERENT)
    }

    fn words(&self, one: usize, other: usize) -> u8 {
        let (tokens, others) = (&self.tokens[one], &self.tokens[other]);
        let weigh = |tokens: &[u32]| tokens.iter().map(|&word| self.rarity[word as usize]).sum::<f32>();
        let (mut shared, mut left, mut right) = (0.0, 0, 0);
        while left < tokens.len() && right < others.len() {
            match tokens[left].cmp(&others[right]) {
                std::cmp::Ordering::Less => left += 1,
                std::cmp::Ordering::Greater => right += 1,
                std::cmp::Ordering::Equal => {
                    shared += self.rarity[tokens[left] as usize];
                    left += 1;
                    right += 1;
                }
            }
        }
        let (whole, whole_other) = (weigh(tokens), weigh(others));
        let overlap = shared / whole.max(whole_other).max(0.1);
        if overlap > 0.99 {
            return 5;
        }
        let (text, other_text) = (&self.texts[one][..], &self.texts[other][..]);
        if overlap >= 0.8 || jaro_winkler_from(text, other_text, 0.96).is_some() || osa_within(text, other_text, 2) {
            4
        } else if overlap >= 0.5 || shared / whole.min(whole_other).max(0.1) >= 0.8 {
            3
        } else if overlap >= 0.2 {
            2
        } else {
            DIFFERENT
        }
    }
}

fn dates(left: &[u8], right: &[u8]) -> u8 {
    match (<[u8; 8]>::try_from(left), <[u8; 8]>::try_from(right)) {
        (Ok(left), Ok(right)) => {
            let mut turned: [u8; 8] = right;
            turned[4..].rotate_left(2);
            // Day and month in each other's place are one slip, beside which there may be another.
            match slips(left, right).min(1 + slips(left, turned)) {
                0..=1 => 4,
                2 => 3,
                _ if left[..4] == right[..4] || left[4..] == right[4..] => 2,
                _ => DIFFERENT,
            }
        }
        (Err(_), Err(_)) => years(left, right),
        // Of one, only the year is known.
        _ if left[..4] == right[..4] => 2,
        _ => DIFFERENT,
    }
}

/// The level of two years that differ: an age is a year too few for half a year.
fn years(left: &[u8], right: &[u8]) -> u8 {
    let year = |digits: &[u8]| digits.iter().fold(0, |year, digit| year * 10 + i32::from(digit - b'0'));
    let turned = left[..2] == right[..2] && left[2] == right[3] && left[3] == right[2];
    match (year(left) - year(right)).abs() {
        1 => 4,
        _ if turned => 4,
        2 => 3,
        10 | 100 => 3,
        _ => DIFFERENT,
    }
}

/// Whether a number is another without its beginning or its end: `850304-1234` and `19850304-1234`.
fn is_part(left: &[u8], right: &[u8]) -> bool {
    const LEAST: usize = 6;
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    short.len() >= LEAST && 2 * short.len() > long.len() && (long.ends_with(short) || long.starts_with(short))
}

fn phones(left: &[u8], right: &[u8]) -> u8 {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if (short.len() >= 7 && long.ends_with(short)) || osa_within(left, right, 1) { 2 } else { DIFFERENT }
}

fn emails(left: &[u8], right: &[u8]) -> u8 {
    let local = |address: &[u8]| address.iter().position(|&byte| byte == b'@').unwrap_or(address.len());
    let (one, other) = (&left[..local(left)], &right[..local(right)]);
    if (one == other && one.len() >= 4) || osa_within(left, right, 2) {
        3
    } else if jaro_winkler_from(one, other, 0.92).is_some() {
        2
    } else {
        DIFFERENT
    }
}

/// Whether two given names differ in the end that tells men from women: Juan and Juana, Mario and Maria, Yuki and Yuka.
fn other_gender(short: &[u8], long: &[u8]) -> bool {
    let vowel = |byte: Option<&u8>| byte.is_some_and(|byte| b"aeiou".contains(byte));
    let ends = (short.last(), long.last());
    long.strip_suffix(b"a") == Some(short)
        || short.len() == long.len()
            && short[..short.len() - 1] == long[..long.len() - 1]
            && vowel(ends.0)
            && vowel(ends.1)
            && (ends.0 == Some(&b'a') || ends.1 == Some(&b'a'))
}

/// Whether a name is another's beginning with a pet ending: Howie, Jimmy.
fn diminutive(short: &[u8], long: &[u8]) -> bool {
    let stem = short.strip_suffix(b"ie").or_else(|| short.strip_suffix(b"y")).unwrap_or(b"");
    stem.len() >= 3 && long.len() > stem.len() && long.starts_with(stem)
}

/// The level of two names of which one is not written in letters, by how they are read; none if they are not even alike.
fn across(scripts: [Script; 2], left: &[u8], right: &[u8]) -> Option<u8> {
    let [one, other] = [left, right].map(|name| std::str::from_utf8(name).unwrap_or_default());
    let is_same = match scripts {
        [Script::Hangul, Script::Hangul] => false,
        [Script::Abjad, Script::Abjad] => left.len().min(right.len()) >= 5 && osa(left, right) <= 1,
        [Script::Hangul, _] | [_, Script::Hangul] => names::korean(one) == names::korean(other),
        [Script::Abjad, _] | [_, Script::Abjad] => {
            let said = names::skeletons(one).into_iter().zip(names::skeletons(other));
            // The `h` at the end of women's names is seldom said.
            let level = said.map(|(one, other)| match one.trim_end_matches('h') {
                _ if one.len() > 2 && one == other => CLOSE,
                said if said != other.trim_end_matches('h') => DIFFERENT,
                // Two consonants are those of many names.
                said => [DIFFERENT, DIFFERENT, ALIKE].get(said.len()).copied().unwrap_or(CLOSE),
            });
            return level.max().filter(|&level| level > DIFFERENT);
        }
        _ => one == other || one.replace(' ', "") == other.replace(' ', ""),
    };
    is_same.then_some(CLOSE)
}

/// Whether two sorted lists share an element.
fn meet(left: &[u32], right: &[u32]) -> bool {
    left.iter().any(|value| right.binary_search(value).is_ok())
}

/// Whether all of a sorted list is in another.
fn within(part: &[u32], whole: &[u32]) -> bool {
    !part.is_empty() && part.iter().all(|value| whole.binary_search(value).is_ok())
}

#[cfg(test)]
mod tests;
