//! E-mail addresses: one spelling per mailbox, or NULL. It never merges what may be two mailboxes: dots and +tags stay.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};

pub(super) static NORMALIZE_EMAIL: Scalar = Scalar {
    doc: FunctionDoc {
        name: "normalize_email",
        signature: "normalize_email(text)",
        returns: "VARCHAR",
        summary: "The address in lower case and NFKC, taken out of `Name <address>`, `mailto:`, quotes and trailing \
                  punctuation. +tags and dots stay: they are other mailboxes. NULL if it is not exactly one address \
                  (RFC 5321 dot-atom with a domain of two or more labels).",
        example: "normalize_email('Ana Pop <MAILTO:Ana.Pop+shop@Example.RO>')",
        example_result: "ana.pop+shop@example.ro",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| kernel(args, rows, |_| 0),
};

pub(super) static EMAIL_DOMAIN: Scalar = Scalar {
    doc: FunctionDoc {
        name: "email_domain",
        signature: "email_domain(text)",
        returns: "VARCHAR",
        summary: "The part behind the @ of normalize_email(text); NULL if it is not an address.",
        example: "email_domain('Ana@Mail.Example.RO')",
        example_result: "mail.example.ro",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| kernel(args, rows, |address| address.find('@').map_or(0, |at| at + 1)),
};

/// `from` says where in the normalised address the result begins.
fn kernel(args: &[ColumnarValue], rows: usize, from: fn(&str) -> usize) -> Result<ArrayRef> {
    Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| {
        normalize(text, out)?;
        out.drain(..from(out));
        Some(())
    }))
}

/// Appends the normalised address to the empty `out`.
fn normalize(text: &str, out: &mut String) -> Option<()> {
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        // Lower-casing can undo the composition, hence NFKC on both sides.
        out.extend(text.nfkc().filter(|c| !is_invisible(*c)).map(dot).flat_map(char::to_lowercase).nfkc());
    }
    let address = unwrap(out);
    if !is_address(address) {
        return None;
    }
    let start = address.as_ptr() as usize - out.as_ptr() as usize;
    let end = start + address.len();
    out.truncate(end);
    out.drain(..start);
    Some(())
}

/// Zero-width characters, soft hyphen and byte order mark, which copying from web pages leaves behind.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// The ideographic full stop separates labels like a dot (UTS 46).
fn dot(c: char) -> char {
    if c == '\u{3002}' { '.' } else { c }
}

/// What is left of lower-case `text` without a display name, a scheme, brackets, quotes and trailing punctuation.
fn unwrap(text: &str) -> &str {
    let inner = match text.rsplit_once('<') {
        Some((_, inner)) => inner.split_once('>').map_or(inner, |(address, _)| address),
        None => text,
    };
    let inner = trim(inner);
    match ["mailto:", "smtp:"].iter().find_map(|scheme| inner.strip_prefix(scheme)) {
        Some(rest) => trim(rest.split_once('?').map_or(rest, |(address, _)| address)),
        None => inner,
    }
}

fn trim(text: &str) -> &str {
    let wraps = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';');
    text.trim_matches(wraps).trim_end_matches(|c| wraps(c) || matches!(c, '.' | ':' | '!'))
}

/// RFC 5321 with RFC 6531's letters beyond ASCII: a dot-atom, an @, and a host name of at least two labels.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let atom = |atom: &str| !atom.is_empty() && atom.chars().all(|c| is_letter(c) || "!#$%&'*+/=?^_`{|}~-".contains(c));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| is_letter(c) || c == '-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    local.len() <= 64
        && local.split('.').all(atom)
        && domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scalar::tests::check_text;
    use super::*;

    #[test]
    fn one_spelling_per_mailbox() {
        check_text(
            &NORMALIZE_EMAIL,
            &[
                ("Ana.Pop@Example.RO", Some("ana.pop@example.ro")),
                ("  ana@example.ro \t\r\n", Some("ana@example.ro")),
                ("ana+shop@gmail.com", Some("ana+shop@gmail.com")),
                ("a.n.a@gmail.com", Some("a.n.a@gmail.com")),
                ("mailto:ana@example.ro?subject=Hi", Some("ana@example.ro")),
                ("SMTP:ana@example.ro", Some("ana@example.ro")),
                ("\"Pop, Ana\" <ana@example.ro>", Some("ana@example.ro")),
                ("<ana@example.ro>,", Some("ana@example.ro")),
                ("'ana@example.ro'", Some("ana@example.ro")),
                ("(ana@example.ro).", Some("ana@example.ro")),
                ("o'brien@example.ie", Some("o'brien@example.ie")),
                ("ａｎａ＠ｅｘａｍｐｌｅ．ｒｏ", Some("ana@example.ro")),
                ("李雷@例え。テスト", Some("李雷@例え.テスト")),
                ("Jörg@MÜLLER.de", Some("jörg@müller.de")),
                ("ana\u{200b}@example.ro\u{feff}", Some("ana@example.ro")),
                ("nguyen_van-a@mail.example.com.vn", Some("nguyen_van-a@mail.example.com.vn")),
                ("a@xn--mller-kva.de", Some("a@xn--mller-kva.de")),
            ],
        );
    }

    #[test]
    fn not_an_address_is_null() {
        let broken = [
            "",
            " ",
            "-",
            "n/a",
            "ana",
            "ana@",
            "@example.ro",
            "ana@localhost",
            "ana@example..ro",
            "ana@-example.ro",
            "ana@exam_ple.ro",
            "ana@192.168.0.1",
            "ana@example.r",
            ".ana@example.ro",
            "ana..pop@example.ro",
            "ana pop@example.ro",
            "ana@@example.ro",
            "a@example.ro; b@example.ro",
            "ana(at)example.ro",
            "mailto:",
            "<>",
        ];
        check_text(&NORMALIZE_EMAIL, &broken.map(|text| (text, None)));
        let long = format!("{}@example.ro", "a".repeat(65));
        check_text(&NORMALIZE_EMAIL, &[(&long, None)]);
    }

    #[test]
    fn domain_is_behind_the_at() {
        check_text(&EMAIL_DOMAIN, &[("Ana <ana@Mail.Example.RO>", Some("mail.example.ro")), ("ana", None)]);
    }

    fn normalized(text: &str) -> Option<String> {
        let mut out = String::new();
        normalize(text, &mut out).map(|()| out)
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC*|[ <>a-zA-Z0-9@.'\"İßΣ＠-]{0,30}|[a-zÀ-ž]{1,5}@[a-zÀ-ž]{1,5}\\.ro") {
            if let Some(once) = normalized(&text) {
                prop_assert_eq!(normalized(&once), Some(once.clone()));
            }
        }
    }
}
