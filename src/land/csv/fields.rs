//! Cutting delimited text into records and fields, as RFC 4180 says, with one rule for what it does not say.
//!
//! A quote opens a field only at the field's first byte; elsewhere in an unquoted field it is an ordinary character. It
//! closes the field only before a delimiter, a line's end or the end of the file; twice in a row it stands for itself.
//! **A record whose quotes break this rule is its first line, and reading goes on with the second**: one stray quote
//! costs one record, never the rest of the file.
//!
//! [`Dialect::cut`], which finds where a chunk may end, and [`Dialect::split`], which reads the records of a chunk, see
//! the same records. Nothing here allocates, decodes or judges the number of fields.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// A quoted field that is still open after this many bytes was never meant to be one.
const QUOTED_BYTES_MAX: usize = 1 << 20;

/// What separates and quotes fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// None: a field is never quoted.
    pub(crate) quote: Option<u8>,
    /// `\n`, with or without `\r` before it; or `\r` alone, as old Macs wrote it.
    pub(crate) newline: u8,
}

/// One field: where its text lies, without the quotes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Whether quotes are doubled in it.
    pub(crate) doubled: bool,
}

impl Field {
    fn new(start: usize, end: usize, doubled: bool) -> Self {
        Self { start: start as u32, end: end as u32, doubled }
    }

    /// The field's bytes in `text`, with doubled quotes still doubled.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end as usize]
    }
}

/// One record, as far as its quotes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where the next record begins.
    pub(crate) end: usize,
    /// The lines that it spans.
    pub(crate) lines: u64,
    /// Whether its quotes are right. If not, it is one line, and its fields mean nothing.
    pub(crate) balanced: bool,
    /// An empty line, which is no record at all.
    pub(crate) blank: bool,
}

/// How a quoted field ends.
enum Closing {
    /// With the quote at this place; whether quotes are doubled within.
    At(usize, bool),
    /// Never, or with something other than a delimiter after it.
    Broken,
    /// That cannot be said before there is more text.
    Unknown,
}

impl Dialect {
    /// Reads the record at `start` of `text`, which ends with the file or at a record's end.
    pub(crate) fn split(self, text: &[u8], start: usize, fields: &mut Vec<Field>) -> Record {
        fields.clear();
        let (mut at, mut lines) = (start, 1);
        loop {
            if self.quote.is_some() && self.quote == text.get(at).copied() {
                let Closing::At(close, doubled) = self.close(text, at, true) else { return self.broken(text, start) };
                fields.push(Field::new(at + 1, close, doubled));
                lines += memchr_iter(self.newline, &text[at + 1..close]).count() as u64;
                at = close + 1;
                if self.newline == b'\n' && text.get(at) == Some(&b'\r') {
                    at += 1;
                }
            } else {
                let stop = memchr2(self.delimiter, self.newline, &text[at..]).map_or(text.len(), |n| at + n);
                let at_line_end = text.get(stop) != Some(&self.delimiter);
                let returned = self.newline == b'\n' && at_line_end && stop > at && text[stop - 1] == b'\r';
                fields.push(Field::new(at, stop - usize::from(returned), false));
                at = stop;
            }
            if text.get(at) == Some(&self.delimiter) {
                at += 1;
                continue;
            }
            let end = (at + 1).min(text.len());
            let blank = matches!(fields.as_slice(), [only] if only.start == only.end && only.start as usize == start);
            return Record { end, lines, balanced: true, blank };
        }
    }

    /// The first line of what begins at `start`.
    pub(crate) fn line_end(self, text: &[u8], start: usize) -> usize {
        memchr(self.newline, &text[start..]).map_or(text.len(), |n| start + n + 1)
    }

    /// The end of the last record that is whole in `text`, which begins with a record and goes on after its end.
    pub(crate) fn cut(self, text: &[u8]) -> usize {
        let last_line = |from: usize, to: usize| memrchr(self.newline, &text[from..to]).map(|n| from + n + 1);
        let Some(quote) = self.quote else { return last_line(0, text.len()).unwrap_or(0) };
        // `record` is where the record at `at` begins; between the two, outside quotes, no line ends.
        let (mut record, mut at) = (0, 0);
        while let Some(n) = memchr(quote, &text[at..]) {
            let mark = at + n;
            record = last_line(at, mark).unwrap_or(record);
            if mark != record && text[mark - 1] != self.delimiter {
                at = mark + 1;
                continue;
            }
            match self.close(text, mark, false) {
                Closing::At(close, _) => at = close + 1,
                Closing::Unknown => return record,
                Closing::Broken => {
                    let Some(n) = memchr(self.newline, &text[record..]) else { return record };
                    record += n + 1;
                    at = record;
                }
            }
        }
        last_line(at, text.len()).unwrap_or(record)
    }

    /// Finds the end of the field that the quote at `open` opens; `whole` says that no more text follows.
    fn close(self, text: &[u8], open: usize, whole: bool) -> Closing {
        let Some(quote) = self.quote else { return Closing::Broken };
        let limit = text.len().min(open + 1 + QUOTED_BYTES_MAX);
        let missing = |at: usize| if whole || at < text.len() { Closing::Broken } else { Closing::Unknown };
        let (mut at, mut doubled) = (open + 1, false);
        while at < limit {
            let Some(n) = memchr(quote, &text[at..limit]) else { break };
            let mark = at + n;
            match (text.get(mark + 1), text.get(mark + 2)) {
                (Some(&next), _) if next == quote => {
                    doubled = true;
                    at = mark + 2;
                }
                (Some(&next), _) if next == self.delimiter || next == self.newline => {
                    return Closing::At(mark, doubled);
                }
                (Some(b'\r'), Some(b'\n')) if self.newline == b'\n' => return Closing::At(mark, doubled),
                (Some(b'\r'), None) if self.newline == b'\n' => {
                    return if whole { Closing::At(mark, doubled) } else { Closing::Unknown };
                }
                (None, _) => return if whole { Closing::At(mark, doubled) } else { Closing::Unknown },
                _ => return Closing::Broken,
            }
        }
        missing(limit)
    }

    fn broken(self, text: &[u8], start: usize) -> Record {
        Record { end: self.line_end(text, start), lines: 1, balanced: false, blank: false }
    }
}

/// Appends a field's text to `out`, each doubled quote once.
pub(crate) fn undouble(field: &[u8], quote: u8, out: &mut Vec<u8>) {
    let mut rest = field;
    while let Some(n) = memchr(quote, rest) {
        out.extend_from_slice(&rest[..=n]);
        rest = rest.get(n + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), newline: b'\n' };

    /// The records of `text`; a broken one is `None`.
    fn records(text: &str, dialect: Dialect) -> Vec<Option<Vec<String>>> {
        let (text, mut at, mut fields, mut records) = (text.as_bytes(), 0, Vec::new(), Vec::new());
        while at < text.len() {
            let record = dialect.split(text, at, &mut fields);
            at = record.end;
            if record.blank {
                continue;
            }
            let value = |field: &Field| {
                let mut out = Vec::new();
                undouble(field.of(text), b'"', &mut out);
                let plain = if field.doubled { out } else { field.of(text).to_vec() };
                String::from_utf8(plain).expect("UTF-8")
            };
            records.push(record.balanced.then(|| fields.iter().map(value).collect()));
        }
        records
    }

    #[allow(clippy::unnecessary_wraps)]
    fn good(fields: &[&str]) -> Option<Vec<String>> {
        Some(fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn fields_are_what_rfc_4180_says() {
        let check = |text: &str, expected: &[&[&str]]| {
            let expected: Vec<_> = expected.iter().map(|fields| good(fields)).collect();
            assert_eq!(records(text, COMMAS), expected, "{text:?}");
        };
        check("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]);
        check("a,\r\n,\n", &[&["a", ""], &["", ""]]);
        check("\"a,\"\"b\"\"\",\"c\r\nd\"\r\n\"\"\n", &[&["a,\"b\"", "c\r\nd"], &[""]]);
        check("5\" pipe,x\n", &[&["5\" pipe", "x"]]);
        check("a\n\n\r\nb", &[&["a"], &["b"]]);
        check("陳大文,Nguyễn Thị Ánh\n", &[&["陳大文", "Nguyễn Thị Ánh"]]);
    }

    #[test]
    fn a_stray_quote_costs_one_line() {
        let check = |text: &str| {
            let found = records(text, COMMAS);
            assert_eq!(found, [good(&["1", "Ann"]), None, good(&["3", "Lee, Bo"]), good(&["4", "Kim"])], "{text:?}");
        };
        check("1,Ann\n2,\"Bob\n3,\"Lee, Bo\"\n4,Kim\n");
        check("1,Ann\n2,\"Bob\"by\"\n3,\"Lee, Bo\"\n4,Kim\n");
        check("1,Ann\n2,\"\"Bob\"\n3,\"Lee, Bo\"\n4,Kim\n");
        assert_eq!(records("1,\"Bob\n2,Kim\n", COMMAS), [None, good(&["2", "Kim"])]);
        let far = format!("1,\"Bob\n2,{}\n3,\"x\"\n", "y".repeat(QUOTED_BYTES_MAX));
        assert_eq!(records(&far, COMMAS).len(), 3);
    }

    /// Cuts `text` wherever a reader with this much in memory would, and joins what the parts say.
    fn records_in_chunks(text: &str, size: usize) -> Vec<Option<Vec<String>>> {
        let (mut found, mut start, mut end) = (Vec::new(), 0, 0);
        while end < text.len() {
            end = (end + size).min(text.len());
            let cut = if end == text.len() { end } else { start + COMMAS.cut(&text.as_bytes()[start..end]) };
            found.extend(records(&text[start..cut], COMMAS));
            start = cut;
        }
        found
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_crate_on_what_it_writes(
            rows in proptest::collection::vec(proptest::collection::vec("[a-c \",\n\r陳]{0,6}", 3), 1..12),
            crlf: bool,
            always: bool,
        ) {
            let mut writer = csv::WriterBuilder::new()
                .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
                .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
                .from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).expect("memory");
            }
            let text = String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8");
            let expected: Vec<_> = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_bytes())
                .into_records()
                .map(|record| Some(record.expect("valid").iter().map(str::to_owned).collect::<Vec<_>>()))
                .collect();
            prop_assert_eq!(records(&text, COMMAS), expected);
        }

        #[test]
        fn records_do_not_depend_on_the_size_of_chunks(text in "[a,\"\n\r]{0,60}", size in 1usize..20) {
            prop_assert_eq!(records_in_chunks(&text, size), records(&text, COMMAS));
        }
    }
}
