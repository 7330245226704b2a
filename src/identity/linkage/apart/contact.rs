//! Contacts in one text: `Ana Pop; 12 High Street; SE25 4LA; tel 07995 746226; ana@pop.org`, in whatever order.

use std::sync::Arc;

use datafusion::arrow::array::{Array, LargeStringArray};

use super::super::kind::{Kind, Kinds, kinds_of};
use super::super::prepare::date;
use super::super::table::{Table, TextColumn};
use crate::names;

/// The parts of a contact, by what they are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Parts {
    name: String,
    date: String,
    email: String,
    phone: String,
    address: String,
    postcode: String,
    city: String,
}

/// Rows that are looked at, at most.
const ROWS_MAX: usize = 2000;

/// Of the texts, so many have a number or an address and words besides.
const CONTACTS_MIN: f64 = 0.25;

/// A phone number has so many digits at least, or it may be anything.
const DIGITS_MIN: usize = 7;
/// A date has so many at most.
const DATE_DIGITS: usize = 8;

impl Table {
    /// Takes texts apart that are whole contacts, where no other column says what people are called: their parts are columns
    /// beside them.
    pub(super) fn take_contacts_apart(&mut self, threads: usize) {
        let found: Vec<usize> = (0..self.columns.len()).filter(|&at| are_contacts(&self.columns[at])).collect();
        if found.is_empty() {
            return;
        }
        let Kinds { kinds, guessed, .. } = kinds_of(&self.columns, threads);
        let names = |&(at, kind): &(usize, Kind)| {
            !found.contains(&at) && matches!(kind, Kind::Given | Kind::Family | Kind::FullName | Kind::Company)
        };
        if kinds.iter().copied().enumerate().any(|named| names(&named)) {
            return;
        }
        // An address that says so is one, whatever stands in it.
        let may_be = |&at: &usize| guessed[at] || matches!(kinds[at], Kind::Text | Kind::Email | Kind::FullName);
        for at in found.into_iter().filter(may_be) {
            let column = &mut self.columns[at];
            column.kind = Some(Kind::Nothing);
            let parts: Vec<Parts> = column.rows().map(|text| text.map(Parts::of).unwrap_or_default()).collect();
            let name = column.name.clone();
            let mut push = |what: &str, kind: Option<Kind>, part: &dyn Fn(&Parts) -> &str| {
                let texts = parts.iter().map(|parts| Some(part(parts)).filter(|text| !text.is_empty()));
                let texts: LargeStringArray = texts.collect();
                if texts.len() - texts.null_count() > 1 {
                    self.columns.push(TextColumn::of(what.to_owned(), texts, kind, Arc::clone(&self.order)));
                }
            };
            push(&format!("{name}: name"), Some(Kind::FullName), &|parts| &parts.name);
            // Whether of births, they show.
            push("date", None, &|parts| &parts.date);
            push(&format!("{name}: e-mail"), Some(Kind::Email), &|parts| &parts.email);
            push(&format!("{name}: phone"), Some(Kind::Phone), &|parts| &parts.phone);
            push(&format!("{name}: address"), Some(Kind::Address), &|parts| &parts.address);
            push(&format!("{name}: postcode"), Some(Kind::Postcode), &|parts| &parts.postcode);
            push(&format!("{name}: city"), Some(Kind::City), &|parts| &parts.city);
        }
    }
}

/// Whether many texts of a column have a phone number or an e-mail address among other words.
fn are_contacts(column: &TextColumn) -> bool {
    let (mut texts, mut contacts) = (0, 0);
    for text in column.sample(ROWS_MAX) {
        texts += 1;
        let is_likely = text.len() > 12 && (text.contains('@') || digits(text) >= DIGITS_MIN);
        if is_likely {
            let parts = Parts::of(text);
            let says_more = !parts.name.is_empty() || !parts.address.is_empty();
            contacts += usize::from(says_more && !(parts.email.is_empty() && parts.phone.is_empty()));
        }
    }
    contacts as f64 > CONTACTS_MIN * f64::from(texts)
}

impl Parts {
    fn of(text: &str) -> Self {
        let mut parts = Self::default();
        let mut others: Vec<&str> = Vec::new();
        for segment in segments(text) {
            let segment = unlabelled(segment);
            if segment.is_empty() {
                continue;
            }
            if let Some(email) = segment.split_whitespace().find(|word| word.contains('@')) {
                push(&mut parts.email, email.trim_matches(|c: char| !c.is_alphanumeric()), "; ");
                let rest = segment.replace(email, " ");
                if parts.name.is_empty() && likeness(rest.trim()) > 0 {
                    rest.trim().clone_into(&mut parts.name);
                }
            } else if is_phone(segment) && (digits(segment) > DATE_DIGITS || !date::shaped(segment)) {
                push(&mut parts.phone, segment, "; ");
            } else if date::shaped(segment) {
                push(&mut parts.date, segment, "; ");
            } else {
                others.push(segment);
            }
        }
        // The likeliest name, of two the first.
        let best =
            (0..others.len()).rev().max_by_key(|&at| likeness(others[at])).filter(|&at| likeness(others[at]) > 0);
        if let Some(at) = best.filter(|_| parts.name.is_empty()) {
            others.remove(at).clone_into(&mut parts.name);
        }
        for segment in others {
            if digits(segment) == 0 {
                push(&mut parts.city, segment, " ");
            } else if is_postcode(segment) {
                push(&mut parts.postcode, segment, " ");
            } else {
                push(&mut parts.address, segment, " ");
            }
        }
        parts
    }
}

fn push(to: &mut String, part: &str, between: &str) {
    if !to.is_empty() {
        to.push_str(between);
    }
    to.push_str(part);
}

/// What stands between separators: the strongest that there are, because a comma also stands in a name.
fn segments(text: &str) -> Vec<&str> {
    let strong: &[&str] = &[";", "|", "\n", "\t", " - ", " – ", " / "];
    let mut segments = vec![text];
    let separators: &[&str] = if strong.iter().any(|one| text.contains(one)) { strong } else { &[","] };
    for separator in separators {
        segments = segments.into_iter().flat_map(|segment| segment.split(separator)).collect();
    }
    segments.into_iter().map(str::trim).collect()
}

/// A segment without what says what it is: `tel`, `E-mail:`.
fn unlabelled(segment: &str) -> &str {
    let label = |c: char| c.is_alphabetic() || matches!(c, '-' | '.');
    let rest = segment.trim_start_matches(label);
    let word = segment[..segment.len() - rest.len()].trim_end_matches('.');
    let rest = rest.trim_start();
    let is_label = rest.starts_with(':')
        || matches!(
            word.to_lowercase().as_str(),
            "tel" | "t" | "phone" | "ph" | "mob" | "mobile" | "cell" | "fon" | "mail" | "e-mail" | "email"
        ) && rest.starts_with(|c: char| c.is_ascii_digit() || "+(".contains(c));
    if is_label { rest.trim_start_matches(':').trim_start() } else { segment }
}

fn is_phone(segment: &str) -> bool {
    segment.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c))
        && digits(segment) >= DIGITS_MIN
        && !is_zip(segment)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether a segment is a postcode in two parts: `90210-1234`, `01310-100`.
fn is_zip(segment: &str) -> bool {
    let parts = segment.split_once('-').map(|(first, second)| (first.len(), second.len()));
    matches!(parts, Some((5, 3 | 4))) && digits(segment) + 1 == segment.len()
}

/// Whether a segment is a code rather than a street: short, with digits.
fn is_postcode(segment: &str) -> bool {
    let is_short = |word: &str| word.len() <= 5 || word.bytes().all(|byte| byte.is_ascii_digit());
    let words = segment.split_whitespace();
    is_zip(segment) || segment.len() <= 10 && words.clone().count() <= 2 && words.clone().all(is_short)
}

/// How much a segment looks like the name of a person; 0 if not at all.
fn likeness(segment: &str) -> usize {
    if digits(segment) > 0 {
        return 0;
    }
    let folded = names::ascii(segment);
    let words: Vec<&str> = folded.split(' ').collect();
    if words.len() > 5 || folded.is_empty() {
        return 0;
    }
    let (given, family) =
        (words.iter().any(|word| names::is_given(word)), words.iter().any(|word| names::is_family(word)));
    let is_several = (2..=4).contains(&words.len());
    let is_titled = names::title(words[0]).is_some();
    3 * usize::from(is_titled)
        + 2 * usize::from(given)
        + usize::from(family)
        + usize::from(is_several && (given || family || is_titled))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;

    /// The names of a table's columns once contacts are taken apart.
    fn columns(columns: &[(&str, &dyn Fn(usize) -> String)]) -> Vec<String> {
        let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef {
            Arc::new((0..40).map(|row| Some(text(row))).collect::<StringArray>())
        };
        let id = |row: usize| format!("{row:03}");
        let all =
            [("record_id", texts(&id))].into_iter().chain(columns.iter().map(|(name, text)| (*name, texts(text))));
        let records = RecordBatch::try_from_iter(all).expect("a table");
        let mut table = Table::read(&records, ["record_id", "source"], &[], 1).expect("reads");
        table.take_contacts_apart(1);
        table.columns.into_iter().map(|column| column.name).collect()
    }

    #[test]
    fn a_text_is_taken_apart_where_nothing_else_says_what_people_are_called() {
        let contact = |row: usize| format!("Ana Pop; {row} Mill Lane; ana{row}@pop.ro");
        let name = |row: usize| ["Maria", "Ana", "Elena", "Ioana"][row % 4].to_owned();
        assert_eq!(columns(&[("entry", &contact)]), ["entry", "entry: name", "entry: e-mail", "entry: address"]);
        assert_eq!(columns(&[("first name", &name), ("entry", &contact)]), ["first name", "entry"]);
        let address = |row: usize| format!("Av. Ana Paulista, {row}, São Paulo, 0131{}-100", row % 10);
        assert_eq!(columns(&[("address", &address)]), ["address"]);
    }

    #[test]
    fn a_contact_is_taken_apart_in_whatever_order_it_stands() {
        let parts = |text: &str| {
            let Parts { name, date, email, phone, address, postcode, city } = Parts::of(text);
            [name, date, email, phone, address, postcode, city].join("/")
        };
        for (text, expected) in [
            (
                "Hilary L. Power, 66 High Ln, SE25 4LA, T: 07995746226 ",
                "Hilary L. Power///07995746226/66 High Ln/SE25 4LA/",
            ),
            ("Moore, Tom; 99 Albert St.; Cardiff; CF5 1GH", "Moore, Tom////99 Albert St./CF5 1GH/Cardiff"),
            (
                "23 Green Ln | 12.03.1985 | tel +44 7545 168586 | Edwards, Victoria | E-mail: vic@x.org",
                "Edwards, Victoria/12.03.1985/vic@x.org/+44 7545 168586/23 Green Ln//",
            ),
            ("Ana Pop <ana@pop.ro>", "Ana Pop//ana@pop.ro////"),
            (
                "Marie Dupont; 12 rue de Paris; 06 12 34 56 78; 90210-1234",
                "Marie Dupont///06 12 34 56 78/12 rue de Paris/90210-1234/",
            ),
            ("", "//////"),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
