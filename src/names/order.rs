//! A name in parts: given, family, and the rest; without titles, in ASCII. See `forms` for what is behind a slash.

use unicode_normalization::UnicodeNormalization;

use super::affixes::{detach, is_suffix, is_title, strip};
use super::couple;
use super::fold::{ascii, fold};
use super::script::{Script, is_cjk, is_kana};
use super::tables::{FAMILY, GIVEN, Known, cjk_family, simplified};
use super::{is_family, is_given, spelling};

/// In which order names of a column stand, where a name by itself does not show it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Order {
    #[default]
    GivenFirst,
    FamilyFirst,
    /// Some stand in the one, some in the other.
    Mixed,
}

/// The cleaned parts of one name, each with single spaces.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) rest: String,
}

/// What is typed for no name.
fn is_nobody(folded: &str) -> bool {
    matches!(folded, "unknown" | "n a" | "na" | "null" | "none" | "test" | "not known" | "anonymous" | "xxx" | "nan")
}

/// What hospitals write until a child has a name: `Baby Boy`, `Marias Girl`. Of twins, who are told apart by it, it stays.
fn is_newborn(folded: &str) -> bool {
    let words: Vec<&str> = folded.split(' ').collect();
    let is_child = |word: &str| matches!(word, "boy" | "girl");
    match words[..] {
        [word] => matches!(word, "baby" | "babyboy" | "babygirl" | "newborn" | "infant"),
        ["baby" | "newborn" | "infant", "boy" | "girl" | "male" | "female" | "newborn" | "infant"] => true,
        [one, other] => is_child(one) && other.len() > 2 || is_child(other) && one.len() > 2,
        _ => false,
    }
}

/// One part of a name that has its own column; empty if there is none.
pub(crate) fn part(text: &str, is_family: bool) -> String {
    if let Some(text) = composed(text) {
        return part(&text, is_family);
    }
    let text = detach(text);
    if let Some(first) = couple::first(text).filter(|_| !is_family) {
        return part(&first, is_family);
    }
    match Script::of(text) {
        Script::Letters => Some(letters(text)).filter(|name| is_family || !is_newborn(name)).unwrap_or_default(),
        Script::Abjad => abjads(text).join(" "),
        Script::Han | Script::Hangul => cjk(text, is_family, false),
    }
}

/// Hangul of which each letter is written by itself, as some file systems do, as syllables; none if there is none.
fn composed(text: &str) -> Option<String> {
    text.chars()
        .any(|c| matches!(c, '\u{1100}'..='\u{11ff}'))
        .then(|| text.nfc().collect::<String>())
        .filter(|nfc| nfc != text)
}

fn letters(text: &str) -> String {
    let folded = misread(ascii(text));
    if is_nobody(&folded) || !folded.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return String::new();
    }
    let mut words = folded.split(' ').collect();
    strip(&mut words);
    words.join(" ")
}

/// Words with letters in place of the digits that a scanner read for them: `R0mano`.
fn misread(folded: String) -> String {
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return folded;
    }
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => 'l',
        '5' => 's',
        '8' => 'b',
        c => c,
    };
    let word = |word: &str| -> String {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        if word.len() > 3 && 3 * letters >= 2 * word.len() {
            word.chars().map(letter).collect()
        } else {
            word.to_owned()
        }
    };
    folded.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The words of a name in Arabic or Hebrew without titles, which many write with a slash: `عبد` is part of the next one, and
/// `بن`, the son of, is none.
fn abjads(text: &str) -> Vec<String> {
    let (mut words, mut before) = (Vec::new(), "");
    let is_none = |word: &&str| matches!(*word, "بن" | "ابن" | "بنت") || word.ends_with('/');
    let said = text.split_whitespace().filter(|word| !is_none(word));
    for word in said.skip_while(|word| is_title(&ascii(word))) {
        if before.is_empty() && word == "عبد" {
            before = word;
        } else {
            words.push(abjad(&format!("{}{word}", std::mem::take(&mut before))));
        }
    }
    words.push(abjad(before));
    words.retain(|word| !word.is_empty());
    words
}

/// Arabic or Hebrew with and without its own letters.
fn abjad(word: &str) -> String {
    let mut folded = String::new();
    fold(word, &mut folded, &mut String::new());
    let usual = |c: char| match c {
        'ى' | 'ی' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        c => c,
    };
    let own: String = folded.chars().map(usual).collect();
    let latin = ascii(&own).replace(' ', "");
    if latin.is_empty() { latin } else { format!("{latin}/{own}") }
}

/// Chinese characters or Hangul, read and as they are. Nobody can know how a Japanese given name is read.
fn cjk(text: &str, is_family: bool, is_japanese: bool) -> String {
    let own: String = simplified(text).chars().filter(|c| c.is_alphabetic() || *c == '々').collect();
    let known = cjk_family(&own).filter(|_| is_family).map(|family| family.latin.to_owned());
    let latin = known.unwrap_or_else(|| if is_japanese { String::new() } else { ascii(&own).replace(' ', "") });
    format!("{latin}/{own}")
}

/// Fewer names say nothing of the order of their column.
const SHOWN_MIN: usize = 3;

/// The order in which most names of a column stand that show it.
pub(crate) fn order<'a>(texts: impl Iterator<Item = &'a str>) -> Order {
    let (mut all, mut family_first, mut given_first) = (0, 0, 0);
    for text in texts.map(detach).filter(|text| Script::of(text) == Script::Letters && !text.contains(',')) {
        let folded = letters(text);
        all += 1;
        match shown(&folded.split(' ').collect::<Vec<_>>()) {
            Some(Order::FamilyFirst) => family_first += 1,
            Some(Order::GivenFirst) => given_first += 1,
            Some(Order::Mixed) | None => {}
        }
    }
    if family_first >= SHOWN_MIN && family_first > 2 * given_first && 10 * family_first > all {
        Order::FamilyFirst
    } else if family_first >= SHOWN_MIN && 10 * family_first > family_first + given_first {
        Order::Mixed
    } else {
        Order::GivenFirst
    }
}

/// The order that a name shows by itself: at its ends stands what is only a given name, or only a family name.
fn shown(words: &[&str]) -> Option<Order> {
    let (&[first, ref rest @ ..], &[.., last]) = (words, words) else { return None };
    let only_family = |word: &str| is_family(word) && !is_given(word);
    let only_given = |word: &str| is_given(word) && !is_family(word);
    let family_first = only_family(first) || only_given(last);
    let given_first = only_given(first) || only_family(last);
    match (family_first, given_first) {
        _ if rest.is_empty() => None,
        (true, false) => Some(Order::FamilyFirst),
        (false, true) => Some(Order::GivenFirst),
        _ => None,
    }
}

/// A whole name: `Given … Family`, `Family, Given …`, `Family Given` where that is the custom, or the order of its column.
pub(crate) fn whole(text: &str, order: Order) -> Name {
    if let Some(text) = composed(text) {
        return whole(&text, order);
    }
    let text = detach(text);
    if let Some(first) = couple::first(text) {
        return whole(&first, order);
    }
    if is_cjk(text) {
        return whole_cjk(text);
    }
    if Script::of(text) == Script::Abjad {
        return in_order(abjads(text));
    }
    if let Some((family, given)) = text.split_once([',', '，', '،']).or_else(|| slashed(text)) {
        let (family, given) = (letters(family), letters(given));
        if is_suffix(&given) {
            return whole(&family, order);
        }
        if is_newborn(&given) {
            return Name { family, ..Name::default() };
        }
        if family.split(' ').count() <= 4 && !family.is_empty() && !given.is_empty() {
            let (first, rest) = given.split_once(' ').unwrap_or((&given, ""));
            let is_chinese = || is_of(&family, &["zh", "ko"]) || spelling::is_pinyin_syllable(&family);
            let is_korean =
                || is_of(&family, &["ko"]) && [first, rest].into_iter().all(is_syllable) && !is_given(first);
            if are_syllables(first, rest) && (is_chinese() || !is_given(first)) || is_korean() {
                return Name { given, family, rest: String::new() };
            }
            return Name { given: first.into(), family, rest: rest.into() };
        }
    }
    if let Some(name) = in_capitals(text) {
        return name;
    }
    let folded = letters(text);
    let words = joined(folded.split(' ').filter(|word| !word.is_empty()).collect());
    // `Mr. Austin`, but `Miss Anna`.
    let is_titled = text.split_whitespace().next().is_some_and(|first| is_title(&ascii(first)));
    if let ([family], true) = (&words[..], is_titled)
        && (is_family(family) || !is_given(family))
    {
        return Name { family: family.clone(), ..Name::default() };
    }
    if let [baby, sex, family @ ..] = &words[..]
        && family.first().is_some_and(|word| word.len() > 1)
        && !matches!(&baby[..], "boy" | "girl")
        && is_newborn(&format!("{baby} {sex}"))
    {
        return Name { family: family.join(" "), ..Name::default() };
    }
    let starts_joined = text.split_whitespace().next().is_some_and(|word| word.contains('-'));
    let is_patronymic = |word: &String| PATRONYMICS.iter().any(|end| word.len() > 6 && word.ends_with(end));
    match &words[..] {
        [family, given, patronymic] if is_patronymic(patronymic) && !is_patronymic(given) => {
            Name { given: given.clone(), family: family.clone(), rest: patronymic.clone() }
        }
        [family, middle @ .., given] if is_family_first(&words, "vi") => {
            Name { given: given.clone(), family: family.clone(), rest: middle.join(" ") }
        }
        // What is joined by a hyphen is no family name in these parts.
        [family, given @ ..]
            if !starts_joined && ["zh", "ko"].iter().any(|language| is_family_first(&words, language)) =>
        {
            Name { given: given.join(" "), family: family.clone(), rest: String::new() }
        }
        [given @ .., family]
            if given.len() == 2 && given.iter().all(|word| is_syllable(word)) && is_of(family, &["zh", "ko"]) =>
        {
            Name { given: given.join(" "), family: family.clone(), rest: String::new() }
        }
        // `Kovalenko V. L.`, and `Smith J.`, but `Anna P.`
        [family, initial, further @ ..]
            if family.len() > 1
                && initial.len() == 1
                && further.iter().all(|word| word.len() == 1)
                && (!further.is_empty() || !is_given(family) && (order != Order::GivenFirst || is_family(family))) =>
        {
            Name { given: initial.clone(), family: family.clone(), rest: further.join(" ") }
        }
        [family, given, rest @ ..]
            if order == Order::FamilyFirst && !shows_given_first(&words)
                || shows_family_first(family, given)
                || order == Order::Mixed && rest.is_empty() && ends_with_given(family, given) =>
        {
            Name { given: given.clone(), family: family.clone(), rest: rest.join(" ") }
        }
        _ => in_order(words),
    }
}

/// `DUPONT/JEAN`, as airlines and hotels write it; not `Anna/Peter`.
fn slashed(text: &str) -> Option<(&str, &str)> {
    let (family, given) = text.split_once('/').filter(|(_, given)| !given.contains('/'))?;
    let touch = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    // `n/a` is nothing, `S/O` the son of, and `c/o` an address.
    let is_word = |word: Option<&str>| word.is_some_and(|word| word.chars().count() > 1);
    let are_words = is_word(family.split_whitespace().next_back()) && is_word(given.split_whitespace().next());
    let is_name = are_words && touch(family.chars().next_back()) && touch(given.chars().next());
    let folded = ascii(family);
    let first = folded.split(' ').next().unwrap_or_default();
    (is_name && (is_family(first) || !is_given(first))).then_some((family, given))
}

/// Whether two words are the two syllables of a Chinese given name.
fn are_syllables(first: &str, second: &str) -> bool {
    spelling::is_pinyin_syllable(first) && spelling::is_pinyin_syllable(second)
}

/// Whether a name begins with what is only a family name, and goes on with what is only a given name.
fn shows_family_first(family: &str, given: &str) -> bool {
    is_family(family) && ends_with_given(family, given)
}

/// Whether a name begins with what is no given name, and goes on with what is only a given name.
fn ends_with_given(family: &str, given: &str) -> bool {
    family.len() > 1 && !is_given(family) && is_given(given) && !is_family(given)
}

fn shows_given_first(words: &[String]) -> bool {
    shown(&words.iter().map(String::as_str).collect::<Vec<_>>()) == Some(Order::GivenFirst)
}

/// A name in which the family name alone is written in capitals, at either end: `DUPONT Jean`, `Shohei KOBAYASHI`.
fn in_capitals(text: &str) -> Option<Name> {
    let words: Vec<&str> = text.split_whitespace().filter(|word| !is_title(&ascii(word))).collect();
    let letters_of = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    // `J.P.` and `JP` are initials, `LI` is a family.
    let is_said = |word: &str| letters_of(word) > 2 || letters_of(word) == 2 && is_family(&ascii(word));
    let in_capitals = |word: &&&str| is_said(word) && !word.contains('.') && !word.chars().any(char::is_lowercase);
    let (first, last) =
        (words.iter().take_while(in_capitals).count(), words.iter().rev().take_while(in_capitals).count());
    let (family, others) = match (first, last) {
        (1.., 0) => words.split_at(first),
        (0, 1..) => {
            let (others, family) = words.split_at(words.len() - last);
            (family, others)
        }
        _ => return None,
    };
    let is_name = |word: &&&str| !is_suffix(&ascii(word)) && letters_of(word) > 1;
    let (mut others, family) = (others.iter(), letters(&family.join(" ")));
    others.clone().any(|word| is_name(&word)).then_some(())?;
    let given = letters(others.next()?);
    let rest = others.map(|word| letters(word)).collect::<Vec<_>>().join(" ");
    // Where the family name comes first in any case, the syllables behind it are one name.
    let is_said = !given.is_empty() && !family.is_empty() && !is_suffix(&family) && !is_of(&family, &SYLLABIC);
    is_said.then_some(Name { given, family, rest })
}

/// Words with `Abdul` and the like as part of the next one, unless that is the family name.
fn joined(words: Vec<&str>) -> Vec<String> {
    let count = words.len();
    let mut joined: Vec<String> = Vec::with_capacity(count);
    for (at, word) in words.into_iter().enumerate() {
        match joined.last_mut() {
            Some(before) if at + 1 < count && matches!(&before[..], "abdul" | "abdel" | "abdal" | "abdur" | "abd") => {
                before.push_str(word);
            }
            _ => joined.push(word.to_owned()),
        }
    }
    joined
}

/// Ends of names that mean `the son of` or `the daughter of`.
const PATRONYMICS: [&str; 8] = ["ovich", "evich", "ovna", "evna", "ivna", "ichna", "ovych", "evych"];

/// Words that begin a family name.
const PARTICLES: [&str; 26] = [
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "la", "las", "los", "le",
    "ter", "ten", "bin", "ibn", "ben", "al", "el", "zu", "af",
];

/// Whether a text, written where a family name belongs, is a whole name in Latin letters: it begins with a given name that is
/// no family name, or an initial.
pub(crate) fn is_whole(text: &str) -> bool {
    let folded = letters(detach(text));
    let Some((first, rest)) = folded.split_once(' ') else { return false };
    Script::of(text) == Script::Letters
        && !PARTICLES.contains(&first)
        && rest.split(' ').next_back().is_some_and(|last| last.len() > 1)
        && (first.len() == 1 || is_given(first) && !is_family(first))
}

/// Whether a text in Chinese characters, written where a family name belongs, is a whole name: no family name is so long, or
/// has a space in it.
pub(crate) fn is_whole_han(text: &str) -> bool {
    let text = detach(text);
    Script::of(text) == Script::Han
        && (text.chars().count() >= 4 && cjk_family(&simplified(text)).is_none()
            || text.trim().contains(char::is_whitespace))
}

/// A family name with the particles that were written apart from it; none if they are other words.
pub(crate) fn with_particles(text: &str, family: &str) -> Option<String> {
    let folded = ascii(text);
    let are_particles = !folded.is_empty() && folded.split(' ').all(|word| PARTICLES.contains(&word) || word == "t");
    are_particles.then(|| match ascii(family).starts_with(&format!("{folded} ")) {
        true => family.to_owned(),
        false => format!("{text} {family}"),
    })
}

/// Given names first, and the family name last with what belongs to it.
fn in_order(mut words: Vec<String>) -> Name {
    let Some(last) = words.len().checked_sub(1) else { return Name::default() };
    if last == 0 {
        return Name { given: words.remove(0), ..Name::default() };
    }
    let particles = words[1..last].iter().rev().take_while(|word| PARTICLES.contains(&word.as_str())).count();
    let family = words.split_off(last - particles).join(" ");
    let given = words.remove(0);
    Name { given, family, rest: words.join(" ") }
}

fn is_syllable(word: &str) -> bool {
    spelling::vowel_groups(word) == 1 && word.len() <= 6
}

/// Whether a word is a family name of one of these languages.
fn is_of(word: &str, languages: &[&str]) -> bool {
    FAMILY.get(word).is_some_and(|of| of.iter().any(|language| languages.contains(language)))
}

/// Languages that say the family name first, in syllables.
const SYLLABIC: [&str; 3] = ["vi", "zh", "ko"];

/// Whether a name in Latin letters is of a language that says the family name first, and says it.
fn is_family_first(words: &[String], language: &'static str) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let rest = &words[1..];
    let is_elsewhere = |known: &Known, word: &str| {
        known.get(word).is_some_and(|of| of.iter().any(|language| !SYLLABIC.contains(language)))
    };
    let is_given_here = GIVEN.get(last).is_some_and(|of| of.contains(&language));
    if !is_of(first, &[language]) || is_elsewhere(&FAMILY, last) && !is_given_here {
        return false;
    }
    match words.len() {
        // Of three words or more, the given name is the last two, each of one syllable.
        3.. => rest.iter().all(|word| is_syllable(word)),
        2 if language == "zh" => {
            let is_given_elsewhere = [first, last].into_iter().any(|word| is_elsewhere(&GIVEN, word));
            !is_family(last) && !is_given_elsewhere && spelling::is_pinyin(last)
        }
        _ => false,
    }
}

/// Chinese, Japanese and Korean names, with or without a space.
fn whole_cjk(text: &str) -> Name {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "·・,，、=＝".contains(c)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_known = |word: &str| cjk_family(&simplified(word)).is_some() || is_family(&ascii(word));
    let (family, given) = match words[..] {
        [] => return Name::default(),
        // `吉田様`: the family alone.
        [word] if word.chars().count() > 1 && cjk_family(&simplified(word)).is_some() => (word, ""),
        [word] => word.split_at(family_end(word)),
        [one, other] if is_known(other) && !is_known(one) => (other, one),
        [one, ref rest @ ..] => return cjk_name(one, &rest.concat()),
    };
    cjk_name(family, given)
}

fn cjk_name(family: &str, given: &str) -> Name {
    // `王先生`: of whom only the family is said.
    if given.is_empty() && (cjk_family(&simplified(family)).is_some() || is_family(&ascii(family))) {
        return Name { family: cjk(family, true, false), ..Name::default() };
    }
    let japanese = cjk_family(&simplified(family)).is_some_and(|family| family.language == "ja")
        || family.chars().chain(given.chars()).any(is_kana);
    let read = |text: &str, is_family: bool| match Script::of(text) {
        Script::Letters if text.chars().all(is_kana) => ascii(text),
        _ if text.is_empty() => String::new(),
        _ => cjk(text, is_family, japanese),
    };
    if given.is_empty() {
        return Name { given: read(family, false), ..Name::default() };
    }
    Name { given: read(given, false), family: read(family, true), rest: String::new() }
}

/// Where the family name ends in a name without spaces: after the longest that is known, else after the first character.
fn family_end(word: &str) -> usize {
    let ends: Vec<usize> = word.char_indices().skip(1).map(|(at, _)| at).collect();
    if word.chars().all(is_kana) {
        return word.len();
    }
    let known = ends.iter().take(3).rev().find(|&&end| cjk_family(&simplified(&word[..end])).is_some());
    // One character alone is no whole name, and five are no name in these parts.
    known.or(ends.first()).copied().unwrap_or(word.len())
}

/// A name whose given and family name stand apart; empty where there is none.
pub(crate) fn of_parts(given: &str, family: &str) -> Name {
    let is_japanese = cjk_family(&simplified(family)).is_some_and(|family| family.language == "ja");
    if is_japanese && Script::of(detach(given)) == Script::Han {
        return Name { given: cjk(detach(given), false, true), family: part(family, true), rest: String::new() };
    }
    Name { given: part(given, false), family: part(family, true), rest: String::new() }
}
