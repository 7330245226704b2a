//! Spellings that are compared, never shown: `fold` keeps other scripts as they are, `ascii` transliterates them.

use any_ascii::any_ascii_char;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use wana_kana::ConvertJapanese;

use super::script::is_kana;

/// Appends the folded `text` to the empty `out`; `scratch` is working space.
pub(crate) fn fold(text: &str, out: &mut String, scratch: &mut String) {
    if text.is_ascii() {
        for byte in text.bytes() {
            push(out, char::from(byte.to_ascii_lowercase()));
        }
    } else {
        scratch.clear();
        let mut base = ' ';
        // Before anything is taken apart: ´ would become a space with an accent.
        let letters = text.chars().filter(|c| !is_apostrophe(*c) && !is_invisible(*c));
        for c in letters.nfkd().flat_map(char::to_lowercase) {
            if is_apostrophe(c) || (is_accent(c) && drops_accents(base)) {
                continue;
            }
            if !is_combining_mark(c) {
                // What is not a letter is not written, so that its marks have nothing to stand on.
                base = if c.is_alphanumeric() { c } else { ' ' };
            }
            push_letter(scratch, c);
        }
        // Puts Hangul, kana and the accents that were kept together again.
        out.extend(scratch.nfc());
    }
    out.truncate(out.trim_end().len());
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{591}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Whether marks above or below `base` are dropped: on Latin, Greek, Hebrew and Arabic letters and on Cyrillic е (ё),
/// but not on й, which is a letter of its own, nor on kana and Indic letters, where a mark is another sound.
fn drops_accents(base: char) -> bool {
    matches!(base, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1fff}' | '\u{370}'..='\u{3ff}' | '\u{590}'..='\u{6ff}' | 'е')
}

/// Letters that NFKD does not take apart.
fn push_letter(out: &mut String, c: char) {
    match c {
        'đ' | 'ð' => push(out, 'd'),
        'ħ' => push(out, 'h'),
        'ı' => push(out, 'i'),
        'ł' => push(out, 'l'),
        'ø' => push(out, 'o'),
        'ŧ' => push(out, 't'),
        'ŋ' => push(out, 'n'),
        'ς' => push(out, 'σ'),
        'ß' => out.push_str("ss"),
        'þ' => out.push_str("th"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        _ => push(out, c),
    }
}

fn push(out: &mut String, c: char) {
    if c.is_alphanumeric() || is_combining_mark(c) {
        out.push(c);
    } else if !is_apostrophe(c) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// What keyboards, phones and old systems write between O and Brien; Unicode takes some of it for letters.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | '‵' | '＇' | '\u{2b9}'..='\u{2bd}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// The text in lower-case ASCII; apostrophes and invisible characters dropped, other punctuation as a space.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut push = |c: char| {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !matches!(c, '\'' | '`') && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    };
    if text.is_ascii() {
        text.chars().for_each(&mut push);
    } else {
        let mut kana = String::new();
        let mut letters = text.nfkc().filter(|&c| !is_invisible(c) && !is_apostrophe(c)).peekable();
        while let Some(c) = letters.next() {
            if is_kana(c) {
                kana.push(c);
                continue;
            }
            read(&mut kana, &mut push);
            let Some(vowel) = letters.peek().and_then(|&next| greek_pair(c, next)) else {
                any_ascii_char(c).chars().for_each(&mut push);
                continue;
            };
            letters.next();
            push(vowel);
            let is_voiced =
                |next: &char| "αάβγδεέζηήιίλμνοόρυύωώ".contains(next.to_lowercase().next().unwrap_or(*next));
            push(match vowel {
                'o' => 'u',
                _ if letters.peek().is_some_and(is_voiced) => 'v',
                _ => 'f',
            });
        }
        read(&mut kana, &mut push);
    }
    out.truncate(out.trim_end().len());
    out
}

/// The first letter of Greek vowels that are one sound in passports (ELOT 743, ISO 843): ου is `ou`; αυ, ευ and ηυ end in `v`, or
/// in `f` before what is not voiced.
fn greek_pair(one: char, other: char) -> Option<char> {
    if !matches!(other, 'υ' | 'ύ' | 'Υ' | 'Ύ') {
        return None;
    }
    match one {
        'ο' | 'Ο' => Some('o'),
        'α' | 'Α' => Some('a'),
        'ε' | 'Ε' => Some('e'),
        'η' | 'Η' => Some('i'),
        _ => None,
    }
}

/// Kana are read together: a small one changes the one before.
fn read(kana: &mut String, push: impl FnMut(char)) {
    if !kana.is_empty() {
        let latin = kana.to_romaji();
        latin.chars().filter(char::is_ascii).for_each(push);
        kana.clear();
    }
}

/// Russell's Soundex (1918) of the first word, as a number; 0 if there is no letter.
pub(crate) fn soundex(text: &str) -> u32 {
    const CODES: &[u8; 26] = b"01230120022455012623010202";
    let mut code = 0u32;
    let (mut letters, mut last) = (0, b'0');
    for byte in text.bytes().filter(u8::is_ascii_lowercase) {
        let digit = CODES[usize::from(byte - b'a')];
        if letters == 0 {
            code = u32::from(byte);
            letters = 1;
        } else if digit != b'0' && digit != last {
            code = code * 10 + u32::from(digit - b'0');
            letters += 1;
        }
        if !matches!(byte, b'h' | b'w') {
            last = digit;
        }
        if letters == 4 {
            break;
        }
    }
    if letters == 0 { 0 } else { code * 10 + letters }
}
