//! One spelling for comparing: lower-case ASCII letters and digits, single spaces, other scripts transliterated.

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;

/// The text in lower-case ASCII; apostrophes and invisible characters dropped, other punctuation as a space.
pub(crate) fn fold(text: &str) -> String {
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
        for c in text.nfkc().filter(|&c| !invisible(c) && !apostrophe(c)) {
            any_ascii_char(c).chars().for_each(&mut push);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a character stands for a word, so that no two different ones are alike.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

fn apostrophe(c: char) -> bool {
    matches!(c, '´' | '‘' | '’' | '‛' | '′' | '‵' | '＇' | '\u{2b9}'..='\u{2bd}')
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
