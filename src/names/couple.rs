//! Two people in one name: `Rachel & Michael Acker`, `Mr. and Mrs. John Smith`, `Ann Lee, Tom Lee`. The record is the first
//! one's.

use super::affixes::is_title;
use super::fold::ascii;
use super::{is_family, is_given};

/// Words between two people.
const AND: [&str; 8] = ["&", "+", "and", "und", "et", "och", "og", "&amp;"];
/// Those that would be an initial in capitals.
const AND_SMALL: [&str; 4] = ["y", "e", "i", "și"];

/// The name of the first of two people; none if it is one person's.
pub(super) fn first(text: &str) -> Option<String> {
    listed(text).map(str::to_owned).or_else(|| joined(text))
}

/// The first of two whole names behind each other: `Ann Lee, Tom Lee`, but `Garcia Lopez, Ana Maria`.
fn listed(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once([',', ';'])?;
    let second = rest.split([',', ';']).next()?;
    let ends = |name: &str| {
        let folded = ascii(name);
        let mut words = folded.split(' ').skip_while(|word| is_title(word));
        Some([words.next()?, words.last()?].map(str::to_owned))
    };
    let ([given, family], [other_given, other_family]) = (ends(first)?, ends(second)?);
    // `Martin Garcia, Jose A.` has two family names.
    let ends_with_family = other_family == family
        || other_family.len() > 1 && is_family(&other_family) && !is_given(&other_family) && !is_family(&given);
    (is_given(&given) && !is_given(&family) && is_given(&other_given) && ends_with_family).then(|| first.trim())
}

/// The first of two people with a word between them.
fn joined(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_and = |word: &&str| AND.iter().any(|and| and.eq_ignore_ascii_case(word)) || AND_SMALL.contains(word);
    let at = words.iter().position(is_and)?;
    let (left, right) = (&words[..at], &words[at + 1..]);
    // Of `Karl-Heinz` the first name tells.
    let folded = |words: &[&str]| -> Vec<String> {
        words.iter().map(|word| ascii(word).split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    let (lefts, rights) = (folded(left), folded(right));
    let titles = lefts.iter().take_while(|word| is_title(word)).count();
    // `Mr. and Mrs. John Smith`.
    if titles == lefts.len() && rights.first().is_some_and(|word| is_title(word)) {
        return Some(right.join(" "));
    }
    let second = rights.iter().position(|word| !is_title(word)).filter(|&second| is_given(&rights[second]))?;
    let (first, last) = (lefts.get(titles)?, lefts.last()?);
    if !(is_given(first) || first.len() == 1) {
        return None;
    }
    // What stands behind both given names is the family's, unless the first has a family name himself.
    let has_family = lefts.len() > titles + 1 && last.len() > 1 && !is_given(last);
    let shared = if has_family { &[] } else { &right[second + 1..] };
    Some(left.iter().chain(shared).copied().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn a_name_of_two_is_the_first_ones() {
        for (text, of) in [
            ("Rachel & Michael", "Rachel"),
            ("Rachel & Michael Acker", "Rachel Acker"),
            ("Deborah and Theodore King", "Deborah King"),
            ("Hans Müller und Anna Schmidt", "Hans Müller"),
            ("Mr. & Mrs. John Smith", "Mrs. John Smith"),
            ("Mr and Mrs John Smith", "Mrs John Smith"),
            ("K. & Andrew Mensah", "K. Mensah"),
            ("Mr Thomas & Mrs Anna Weber", "Mr Thomas Weber"),
            ("Hans Peter & Anna Weber", "Hans Peter Weber"),
            ("Karl-Heinz und Renate Schmidt", "Karl-Heinz Schmidt"),
            ("José y María García", "José García"),
            ("Joseph Atkinson, Sandy Atkinson", "Joseph Atkinson"),
            ("Anna Bohnbach; Andrej Bohnbach; Mia Bohnbach", "Anna Bohnbach"),
        ] {
            assert_eq!(first(text).as_deref(), Some(of), "{text}");
        }
        for text in [
            "Hochberger & Söhne Bäckerei",
            "Anna Maria Huber",
            "Meier & Thomas",
            "Maria E Rosa",
            "& Anna",
            "Garcia Lopez, Ana Maria",
            "Smith, John Quincy",
            "Thomas, Anna",
            "Martin Garcia, Jose A.",
            "Thomas Miller, John R.",
            "",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
