//! Rows as bytes: what a source's files are made of, before and after they are packed.
//!
//! A [`Rows`] holds one file's rows of one block of customers. They are sorted by key, so that the people's order does
//! not show in the files, and packed on the worker's thread; only whole packed parts go to disk.

use std::io::Write as _;

use super::moment::{Country, Day, Moment};
use super::row_group::{self, Columns};

/// How a file's bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// Gzip; every block of customers is a member of its own.
    Gzip,
    /// Zstandard; every block of customers is a frame of its own.
    Zstd,
    /// In code page 1252, as an old till server writes it.
    Windows1252,
    /// Parquet with these columns; every block of customers is a row group of its own. Rows are separated by commas.
    Parquet(Columns),
}

impl Packing {
    /// Packs `text`, a number of whole rows.
    pub(super) fn pack(self, text: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Plain => text,
            Self::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gzip.write_all(&text).expect("memory takes everything");
                gzip.finish().expect("memory takes everything")
            }
            Self::Zstd => zstd::bulk::compress(&text, 1).expect("memory takes everything"),
            Self::Windows1252 => {
                let text = String::from_utf8(text).expect("rows are UTF-8");
                encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
            }
            Self::Parquet(columns) => row_group::encode(columns, text),
        }
    }
}

/// The rows of one file and one block of customers.
#[derive(Default)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    /// Sort key and start of each row.
    starts: Vec<(u64, u32)>,
}

impl Rows {
    /// Begins a delimited row; rows come out in the order of `key`, equal keys as they came.
    pub(super) fn delimited(&mut self, key: u64, delimiter: u8) -> Fields<'_> {
        self.starts.push((key, self.bytes.len() as u32));
        Fields { bytes: &mut self.bytes, delimiter, first: true }
    }

    /// Begins a row that is a JSON object.
    pub(super) fn object(&mut self, key: u64) -> Object<'_> {
        self.starts.push((key, self.bytes.len() as u32));
        self.bytes.push(b'{');
        Object { bytes: &mut self.bytes, first: true }
    }

    /// Adds the last row once more, as `spoil` leaves it: what some program between the source and the file did to it.
    pub(super) fn repeat_spoilt(&mut self, spoil: impl FnOnce(&mut Vec<u8>)) {
        if let Some(&(key, start)) = self.starts.last() {
            let mut row = self.bytes[start as usize..].to_vec();
            spoil(&mut row);
            self.starts.push((key, self.bytes.len() as u32));
            self.bytes.append(&mut row);
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> u64 {
        self.starts.len() as u64
    }

    /// All rows in order, with `between` put between them.
    pub(super) fn sorted(&self, between: &[u8]) -> Vec<u8> {
        let ends = self.starts.iter().skip(1).map(|(_, start)| *start).chain([self.bytes.len() as u32]);
        let mut order: Vec<(u64, u32, u32)> =
            self.starts.iter().zip(ends).map(|((key, start), end)| (*key, *start, end)).collect();
        order.sort_unstable();
        let mut sorted = Vec::with_capacity(self.bytes.len() + order.len() * between.len());
        for (at, (_, start, end)) in order.into_iter().enumerate() {
            if at > 0 {
                sorted.extend_from_slice(between);
            }
            sorted.extend_from_slice(&self.bytes[start as usize..end as usize]);
        }
        sorted
    }
}

/// The fields of a delimited row, left to right; `end` closes it.
#[must_use]
pub(super) struct Fields<'a> {
    bytes: &'a mut Vec<u8>,
    delimiter: u8,
    first: bool,
}

impl Fields<'_> {
    fn next(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.bytes.push(self.delimiter);
        }
        self.first = false;
        self.bytes
    }

    /// A text, quoted if it has to be (RFC 4180).
    pub(super) fn text(mut self, text: &str) -> Self {
        let delimiter = self.delimiter;
        let bytes = self.next();
        if text.bytes().any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r')) {
            bytes.push(b'"');
            bytes.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            bytes.push(b'"');
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// A text, or nothing.
    pub(super) fn maybe(self, text: Option<&str>) -> Self {
        self.text(text.unwrap_or_default())
    }

    /// Whatever `write` appends, which must need no quotes.
    pub(super) fn with(mut self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        write(self.next());
        self
    }

    /// A whole number.
    pub(super) fn number(self, number: i64) -> Self {
        self.with(|bytes| put_number(bytes, number))
    }

    /// A prefix and a number of exactly `digits` digits.
    pub(super) fn id(self, prefix: &str, number: u64, digits: usize) -> Self {
        self.with(|bytes| put_id(bytes, prefix, number, digits))
    }

    /// Pence as pounds or cents as euros, such as `12.34`, with the given decimal mark.
    pub(super) fn money(self, pence: i64, mark: u8) -> Self {
        self.with(|bytes| put_money(bytes, pence, mark))
    }

    /// Ends the row.
    pub(super) fn end(self) {
        self.bytes.push(b'\n');
    }
}

/// The members of a JSON object, in order; `end` closes it.
#[must_use]
pub(super) struct Object<'a> {
    bytes: &'a mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    /// A member whose value `write` appends as JSON.
    pub(super) fn with(mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        if !self.first {
            self.bytes.push(b',');
        }
        self.first = false;
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        write(self.bytes);
        self
    }

    /// A string.
    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.with(name, |bytes| put_json_string(bytes, text))
    }

    /// A string or null.
    pub(super) fn maybe(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self.with(name, |bytes| bytes.extend_from_slice(b"null")),
        }
    }

    /// True or false.
    pub(super) fn boolean(self, name: &str, value: bool) -> Self {
        self.with(name, |bytes| bytes.extend_from_slice(if value { b"true" } else { b"false" }))
    }

    /// A nested object.
    pub(super) fn nested(self, name: &str, write: impl FnOnce(Object<'_>) -> Object<'_>) -> Self {
        self.with(name, |bytes| {
            bytes.push(b'{');
            // The closing brace is ours.
            let _ = write(Object { bytes: &mut *bytes, first: true });
            bytes.push(b'}');
        })
    }

    /// Ends the object, and with it a line of newline-delimited JSON.
    pub(super) fn end_line(self) {
        self.bytes.extend_from_slice(b"}\n");
    }

    /// Ends an object that is an element of an array.
    pub(super) fn end(self) {
        self.bytes.push(b'}');
    }
}

/// Appends a whole number.
pub(super) fn put_number(bytes: &mut Vec<u8>, number: i64) {
    if number < 0 {
        bytes.push(b'-');
    }
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[at..]);
}

/// Appends a number with leading zeros, `digits` wide.
pub(super) fn put_padded(bytes: &mut Vec<u8>, number: u64, digits: usize) {
    let end = bytes.len() + digits;
    bytes.resize(end, b'0');
    let mut rest = number;
    for at in (end - digits..end).rev() {
        bytes[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// Appends a prefix and a padded number.
pub(super) fn put_id(bytes: &mut Vec<u8>, prefix: &str, number: u64, digits: usize) {
    bytes.extend_from_slice(prefix.as_bytes());
    put_padded(bytes, number, digits);
}

/// Appends pence as pounds.
pub(super) fn put_money(bytes: &mut Vec<u8>, pence: i64, mark: u8) {
    if pence < 0 {
        bytes.push(b'-');
    }
    put_number(bytes, (pence.abs() / 100).max(0));
    bytes.push(mark);
    put_padded(bytes, pence.unsigned_abs() % 100, 2);
}

/// Appends `2026-06-30`.
pub(super) fn put_date_iso(bytes: &mut Vec<u8>, day: Day) {
    let (year, month, of_month) = day.civil();
    put_padded(bytes, year as u64, 4);
    bytes.push(b'-');
    put_padded(bytes, u64::from(month), 2);
    bytes.push(b'-');
    put_padded(bytes, u64::from(of_month), 2);
}

/// Appends `30.06.2026`, day first, with the given mark between the parts.
pub(super) fn put_date_day_first(bytes: &mut Vec<u8>, day: Day, mark: u8) {
    let (year, month, of_month) = day.civil();
    put_padded(bytes, u64::from(of_month), 2);
    bytes.push(mark);
    put_padded(bytes, u64::from(month), 2);
    bytes.push(mark);
    put_padded(bytes, year as u64, 4);
}

/// Appends `2026-06-30T14:05:09` without an offset, of whatever clock `at` has been shifted to.
pub(super) fn put_clock_iso(bytes: &mut Vec<u8>, at: Moment) {
    put_date_iso(bytes, at.day());
    bytes.push(b'T');
    put_time(bytes, at);
}

/// Appends `2026-06-30T14:05:09+01:00`: the clock of `country`, with its offset.
pub(super) fn put_time_iso(bytes: &mut Vec<u8>, at: Moment, country: Country) {
    let offset = country.offset(at);
    put_clock_iso(bytes, at.plus(offset));
    bytes.push(b'+');
    put_padded(bytes, offset as u64 / 3_600, 2);
    bytes.extend_from_slice(b":00");
}

/// Appends `06/30/2026 02:05 PM`: month first, twelve hours, no zone; the clock of `country`.
pub(super) fn put_time_till(bytes: &mut Vec<u8>, at: Moment, country: Country) {
    let local = at.plus(country.offset(at));
    let (year, month, of_month) = local.day().civil();
    let (hour, minute, _) = local.clock();
    put_padded(bytes, u64::from(month), 2);
    bytes.push(b'/');
    put_padded(bytes, u64::from(of_month), 2);
    bytes.push(b'/');
    put_padded(bytes, year as u64, 4);
    bytes.push(b' ');
    put_padded(bytes, u64::from((hour + 11) % 12 + 1), 2);
    bytes.push(b':');
    put_padded(bytes, u64::from(minute), 2);
    bytes.extend_from_slice(if hour < 12 { b" AM" } else { b" PM" });
}

/// Appends `14:05:09`.
pub(super) fn put_time(bytes: &mut Vec<u8>, at: Moment) {
    let (hour, minute, second) = at.clock();
    put_padded(bytes, u64::from(hour), 2);
    bytes.push(b':');
    put_padded(bytes, u64::from(minute), 2);
    bytes.push(b':');
    put_padded(bytes, u64::from(second), 2);
}

/// Appends a quoted JSON string.
pub(super) fn put_json_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend_from_slice(&[b'\\', byte]),
            b'\n' => bytes.extend_from_slice(b"\\n"),
            _ => bytes.push(byte),
        }
    }
    bytes.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_source_has_its_own_spelling() {
        let noon = Day::from_civil(date(2026, 6, 30)).start().plus(12 * 3_600 + 5 * 60 + 9);
        assert_eq!(written(|bytes| put_time_iso(bytes, noon, Country::Britain)), "2026-06-30T13:05:09+01:00");
        assert_eq!(written(|bytes| put_time_till(bytes, noon, Country::Britain)), "06/30/2026 01:05 PM");
        assert_eq!(written(|bytes| put_date_day_first(bytes, noon.day(), b'.')), "30.06.2026");
        assert_eq!(written(|bytes| put_money(bytes, -5, b',')), "-0,05");
        assert_eq!(written(|bytes| put_money(bytes, 123_450, b'.')), "1234.50");
        assert_eq!(written(|bytes| put_json_string(bytes, "a \"b\"")), "\"a \\\"b\\\"\"");
    }

    #[test]
    fn rows_are_sorted_and_quoted() {
        let mut rows = Rows::default();
        rows.delimited(2, b';').text("b;c").number(-7).end();
        rows.delimited(1, b';').text("say \"a\"").maybe(None).end();
        assert_eq!(rows.sorted(b""), b"\"say \"\"a\"\"\";\n\"b;c\";-7\n");
    }
}
