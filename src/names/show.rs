//! Names as they are shown and stored: clean white space and case, nothing of the name itself changed.
//! It never touches a name whose case somebody chose, nor scripts without case.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::fold::is_apostrophe;

/// What people type when they have no name to type, in lower case. Not here: `na`, `no`, `guest`, `customer`, which are
/// names of people (Li Na, No Min-woo, Christopher Guest).
#[rustfmt::skip]
const PLACEHOLDERS: [&str; 44] = [
    "n/a", "n.a", "#n/a", "#name?", "#ref!", "#value!", "undefined", "unknown", "not known", "not available",
    "not applicable", "not provided", "not given", "unnamed", "no name", "noname", "anonymous", "anonym", "test",
    "test test", "test user", "test customer", "testtest", "dummy", "xxx", "xxxx", "asdf", "qwerty", "tbd", "tba",
    "walk-in customer", "guest user", "guest customer", "necunoscut", "anonim", "unbekannt", "inconnu", "desconocido",
    "sconosciuto", "onbekend", "không rõ", "未知", "匿名", "测试",
];

/// Placeholders only in this very spelling: people are called Null, Nan and None.
const EXACT_PLACEHOLDERS: [&str; 6] = ["NULL", "null", "nan", "NaN", "none", "NONE"];

/// Words within a name that stay small, if neither first nor last.
const PARTICLES: [&str; 22] = [
    "van", "von", "der", "den", "de", "del", "della", "dello", "degli", "dei", "di", "da", "do", "dos", "das", "du",
    "ter", "bin", "ibn", "bint", "binti", "und",
];

/// First words that make `Van`, `Di` and `Do` parts of a Vietnamese or Chinese name rather than particles.
const NO_PARTICLES_AFTER: [&str; 24] = [
    "nguyen", "nguyễn", "tran", "trần", "le", "lê", "pham", "phạm", "huynh", "huỳnh", "hoang", "hoàng", "phan", "vu",
    "vũ", "vo", "võ", "dang", "đặng", "bui", "bùi", "ngo", "ngô", "duong",
];

/// Appends the normalised name to the empty `out`; `scratch` is working space.
pub(crate) fn normalize(text: &str, out: &mut String, scratch: &mut String) -> Option<()> {
    scratch.clear();
    // Most names are in NFC already, and to see it is cheaper than to compose them.
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(|c| push_visible(c, scratch));
    } else {
        text.nfc().for_each(|c| push_visible(c, scratch));
    }
    let name = scratch.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | ',' | ';' | '*'));
    if !name.chars().any(char::is_alphabetic) || is_placeholder(name) {
        return None;
    }
    if has_one_case(name) {
        capitalize(name, out);
    } else {
        out.push_str(name);
    }
    Some(())
}

/// One space for any white space, and nothing for what nobody sees.
fn push_visible(c: char, out: &mut String) {
    if c.is_whitespace() {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    } else if !c.is_control() && !is_invisible(c) {
        out.push(c);
    }
}

/// Marks without a shape of their own. The joiners U+200C and U+200D stay: Persian and Indic spelling needs them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_placeholder(name: &str) -> bool {
    let bare = name.trim_matches(|c: char| c.is_whitespace() || ".()[]<>-_".contains(c));
    // Lower case has as many bytes as capitals in all of these, so that most names need not be lowered.
    let matches = |candidate: &str| {
        bare.len() == candidate.len() && bare.chars().flat_map(char::to_lowercase).eq(candidate.chars())
    };
    EXACT_PLACEHOLDERS.contains(&bare) || PLACEHOLDERS.iter().any(|candidate| matches(candidate))
}

/// Whether the Latin letters are all capitals or all small.
fn has_one_case(name: &str) -> bool {
    let cased =
        |upper: bool| name.chars().any(|c| is_latin(c) && if upper { c.is_uppercase() } else { c.is_lowercase() });
    cased(true) != cased(false)
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn capitalize(name: &str, out: &mut String) {
    let words = name.split(' ').count();
    let mut small_particles = true;
    for (at, word) in name.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let start = out.len();
        push_lower(word, out);
        let lower = &out[start..];
        if at == 0 {
            small_particles = !NO_PARTICLES_AFTER.contains(&lower);
        }
        let inside = at > 0 && at + 1 < words;
        let after_de = inside && matches!(lower, "la" | "las" | "los" | "het") && out[..start].ends_with("e ");
        if inside && small_particles && (after_de || PARTICLES.contains(&lower)) {
            continue;
        }
        if at > 0 && at + 1 == words && matches!(lower, "ii" | "iii" | "iv") {
            out[start..].make_ascii_uppercase();
            continue;
        }
        let lower = out.split_off(start);
        capitalize_word(&lower, out);
    }
}

/// Latin letters in lower case; letters of other scripts as they are. `İ` stays in front, where it is a capital, and
/// else becomes `i` without a second dot.
fn push_lower(word: &str, out: &mut String) {
    for (at, c) in word.chars().enumerate() {
        match c {
            'İ' if at == 0 => out.push(c),
            'İ' => out.push('i'),
            c if is_latin(c) => out.extend(c.to_lowercase()),
            c => out.push(c),
        }
    }
}

/// A capital at the start, after a hyphen, dot, slash or bracket, after `O'`, `D'`, `L'`, and after `Mc`. `Mac` is left
/// alone: Mackenzie and MacKenzie both exist.
fn capitalize_word(lower: &str, out: &mut String) {
    let mut part = 0; // letters since the last separator
    let mut rest = lower;
    while let Some(c) = rest.chars().next() {
        let after_mc = part == 2 && lower.len() > 4 && lower[..lower.len() - rest.len()].ends_with("mc");
        if (part == 0 || after_mc) && is_latin(c) {
            push_upper(c, out);
        } else {
            out.push(c);
        }
        rest = &rest[c.len_utf8()..];
        part = match c {
            '-' | '.' | '/' | '(' | '&' | '‐' | '–' | '"' => 0,
            c if part == 1 && is_apostrophe(c) => 0,
            c if c.is_alphabetic() => part + 1,
            _ => part.max(1),
        };
    }
}

/// The capital, unless it is more than one letter (ß, ŉ).
fn push_upper(c: char, out: &mut String) {
    let mut upper = c.to_uppercase();
    out.push(if upper.len() == 1 { upper.next().unwrap_or(c) } else { c });
}
