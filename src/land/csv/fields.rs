//! Cutting delimited text into records and fields, as RFC 4180 says, with one rule for what it does not say.
//!
//! A quote opens a field only at the field's first byte; elsewhere in an unquoted field it is an ordinary character. It
//! closes the field only before a delimiter, a line's end or the end of the file; twice in a row it stands for itself.
//!
//! A record whose quotes break this rule goes as far as they tell. One that neither closes nor is doubled is a
//! character of its field, unless it is the first byte of a field: then the one before it was stray. On the same line it
//! opens the field instead; on a later one, the record ends before that line. A field that gets too long was never meant
//! to be quoted: the record ends with the line in which it begins. **Whether the lines of such a record are rather
//! records of their own is for the reader of the chunk to judge**, who knows how many fields there should be.
//!
//! [`Dialect::cut`], which finds where a chunk may end, and [`Dialect::split`], which reads the records of a chunk, see
//! the same records. Nothing here allocates, decodes or judges the number of fields.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// A quoted field that is still open after this many bytes was never meant to be one.
const QUOTED_BYTES_MAX: usize = 8 << 20;

/// Nor one that is still open this many bytes behind a quote that breaks the rule.
const DAMAGED_BYTES_MAX: usize = 64 << 10;

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
    pub(crate) quotes: Quotes,
    /// An empty line, which is no record at all.
    pub(crate) blank: bool,
}

/// Whether a record's quotes are right. If not, its fields mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    Right,
    Wrong,
    /// One of its fields is open at the end of the file, and so the record goes that far.
    Open,
}

/// How a quoted field ends.
enum Closing {
    /// With the quote at this place; whether quotes are doubled within, and whether others are there.
    At { close: usize, doubled: bool, wrong: bool },
    /// It was none: the quote at this place opens a field.
    Reopened(usize),
    /// Not before it is too long to be one.
    Never,
    /// Not before the text ends.
    Unknown,
}

impl Dialect {
    /// Reads the record at `start` of `text`, which ends at a record's end; `last` says that the file ends there too.
    pub(crate) fn split(self, text: &[u8], start: usize, last: bool, fields: &mut Vec<Field>) -> Record {
        fields.clear();
        let (mut at, mut lines, mut quotes) = (start, 1, Quotes::Right);
        loop {
            if self.quote.is_some() && self.quote == text.get(at).copied() {
                let (close, doubled, wrong) = match self.close(text, at, true) {
                    Closing::At { close, doubled, wrong } => (close, doubled, wrong),
                    Closing::Reopened(mark) => match memrchr(self.newline, &text[at..mark]) {
                        Some(n) => return self.damaged(text, start, at + n + 1, Quotes::Wrong),
                        None => {
                            fields.push(Field::new(at, mark - 1, false));
                            (at, quotes) = (mark, Quotes::Wrong);
                            continue;
                        }
                    },
                    Closing::Never => return self.damaged(text, start, self.line_end(text, at), Quotes::Wrong),
                    Closing::Unknown => {
                        let quotes = if last { Quotes::Open } else { Quotes::Wrong };
                        return self.damaged(text, start, text.len(), quotes);
                    }
                };
                if wrong {
                    quotes = Quotes::Wrong;
                }
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
            return Record { end, lines, quotes, blank };
        }
    }

    /// The line at `start` as a record whose quotes are wrong.
    pub(crate) fn line(self, text: &[u8], start: usize) -> Record {
        let end = self.line_end(text, start);
        let blank = [&b"\n"[..], b"\r", b"\r\n"].contains(&&text[start..end]);
        Record { blank, ..self.damaged(text, start, end, Quotes::Wrong) }
    }

    fn damaged(self, text: &[u8], start: usize, end: usize, quotes: Quotes) -> Record {
        let ends = memchr_iter(self.newline, &text[start..end]).count() as u64;
        let lines = ends + u64::from(text[end - 1] != self.newline);
        Record { end, lines, quotes, blank: false }
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
                Closing::At { close, .. } => at = close + 1,
                Closing::Reopened(next) => match memrchr(self.newline, &text[mark..next]) {
                    Some(n) => {
                        record = mark + n + 1;
                        at = record;
                    }
                    None => at = next,
                },
                // Where the text of a chunk ends, a field that never does must end too.
                Closing::Never => return memchr(self.newline, &text[mark..]).map_or(record, |n| mark + n + 1),
                Closing::Unknown => return record,
            }
        }
        last_line(at, text.len()).unwrap_or(record)
    }

    /// Finds the end of the field that the quote at `open` opens; `whole` says that a quote at the end of `text` is one
    /// at a line's end.
    fn close(self, text: &[u8], open: usize, whole: bool) -> Closing {
        let Some(quote) = self.quote else { return Closing::Never };
        let (mut at, mut limit) = (open + 1, open + 1 + QUOTED_BYTES_MAX);
        let (mut doubled, mut wrong) = (false, false);
        while let Some(n) = text.get(at..limit.min(text.len())).and_then(|text| memchr(quote, text)) {
            let close = at + n;
            let (next, after) = (text.get(close + 1).copied(), text.get(close + 2).copied());
            let is_line_end = match next {
                None => whole,
                Some(b'\r') if self.newline == b'\n' => after == Some(b'\n') || (after.is_none() && whole),
                Some(next) => next == self.newline,
            };
            if next == Some(quote) {
                doubled = true;
                at = close + 2;
            } else if is_line_end || next == Some(self.delimiter) {
                return Closing::At { close, doubled, wrong };
            } else if next.is_none() || (next == Some(b'\r') && after.is_none()) {
                return Closing::Unknown;
            } else if [self.delimiter, self.newline].contains(&text[close - 1]) {
                return Closing::Reopened(close);
            } else {
                wrong = true;
                limit = limit.min(close + DAMAGED_BYTES_MAX);
                at = close + 1;
            }
        }
        if limit <= text.len() { Closing::Never } else { Closing::Unknown }
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

    /// The records of a file; a damaged one is `None`.
    fn records(text: &str, dialect: Dialect) -> Vec<Option<Vec<String>>> {
        records_of_chunk(text, dialect, true)
    }

    fn records_of_chunk(text: &str, dialect: Dialect, last: bool) -> Vec<Option<Vec<String>>> {
        let (text, mut at, mut fields, mut records) = (text.as_bytes(), 0, Vec::new(), Vec::new());
        while at < text.len() {
            let record = dialect.split(text, at, last, &mut fields);
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
            let is_right = record.quotes == Quotes::Right;
            records.push(is_right.then(|| fields.iter().map(value).collect()));
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
    }

    #[test]
    fn a_damaged_record_goes_as_far_as_its_quotes_tell() {
        let check = |text: &str, lines: u64, quotes| {
            let record = COMMAS.split(text.as_bytes(), 0, true, &mut Vec::new());
            assert_eq!((record.lines, record.quotes), (lines, quotes), "{text:?}");
        };
        check("1,\"a\nb\",c,d,e\n2,x\n", 2, Quotes::Right);
        check("1,\"a \"b\" c\nd\",e\n2,x\n", 2, Quotes::Wrong);
        check("1,\"Bob\"by,\"a\nb\"\n2,x\n", 2, Quotes::Wrong);
        check("1,\"\"a\nb\",c\n2,x\n", 2, Quotes::Wrong);
        check("1,\"a\nb\nc,\"d\"\n2,x\n", 2, Quotes::Wrong);
        check("1,\"a\nb\n", 2, Quotes::Open);
        // What is too long to be a field is none.
        let long = |bytes| format!("1,\"a\n{}\n2,x\n", "y".repeat(bytes));
        check(&long(QUOTED_BYTES_MAX), 1, Quotes::Wrong);
        check(&long(QUOTED_BYTES_MAX - 9), 3, Quotes::Open);
        check(&long(DAMAGED_BYTES_MAX).replace("\"a", "\"a \"b"), 1, Quotes::Wrong);
    }

    /// Cuts `text` wherever a reader with this much in memory would, and joins what the parts say.
    fn records_in_chunks(text: &str, size: usize) -> Vec<Option<Vec<String>>> {
        let (mut found, mut start, mut end) = (Vec::new(), 0, 0);
        while end < text.len() {
            end = (end + size).min(text.len());
            let last = end == text.len();
            let cut = if last { end } else { start + COMMAS.cut(&text.as_bytes()[start..end]) };
            found.extend(records_of_chunk(&text[start..cut], COMMAS, last));
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
