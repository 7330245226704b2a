//! Thirty ways in which a CSV file goes wrong, each with what it may cost.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// The header of the files, and so their width.
pub const HEADER: &str = "id,name,note,city\n";

/// A note whose second line looks like a record.
const WITHIN: &str = "see\n7,8,9,10\nbelow";

/// What that record would be.
pub const PHANTOM: [&str; 4] = ["7", "8", "9", "10"];

/// Whether a record has that line, and nothing says any more that it is one of a note.
pub fn shows_phantom(record: &[u8]) -> bool {
    let has = |text: &str| memchr::memmem::find(record, text.as_bytes()).is_some();
    has(&PHANTOM.join(",")) && !has(",\"see\n")
}

/// A file while it goes wrong.
pub struct Sheet {
    /// The records as bytes, each with its line end.
    pub records: Vec<Vec<u8>>,
    /// What the record at the same place says; none once that can no longer be asked of it.
    pub truth: Vec<Option<[String; 4]>>,
}

impl Sheet {
    /// A sheet of some records without fault: quotes, line breaks in fields, names in several scripts, and notes with a
    /// line that looks like a record.
    pub fn new(random: &mut ChaCha8Rng) -> Self {
        const NAMES: [&str; 6] = ["Ana", "Zoë", "王小明", "Nguyễn Thị Ánh", "Lee, Bo", "Ion \"Nelu\" Pop"];
        const NOTES: [&str; 6] = ["", "5\" pipe", "two\nlines", "a, b", "said \"no\"", WITHIN];
        const CITIES: [&str; 4] = ["Rome", "Cluj-Napoca", "臺北", "Łódź"];
        let (mut records, mut truth) = (Vec::new(), Vec::new());
        for id in 0..random.random_range(12..40) {
            let mut one_of = |values: &[&str]| values[random.random_range(0..values.len())].to_owned();
            let values = [id.to_string(), one_of(&NAMES), one_of(&NOTES), one_of(&CITIES)];
            let line: Vec<String> = values.iter().map(|value| field(value)).collect();
            records.push(format!("{}\n", line.join(",")).into_bytes());
            truth.push(Some(values));
        }
        Self { records, truth }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        [HEADER.as_bytes(), &self.records.concat()].concat()
    }

    /// A record, and with it what it said.
    fn spoil(&mut self, at: usize) -> &mut Vec<u8> {
        self.truth[at] = None;
        &mut self.records[at]
    }

    fn insert(&mut self, at: usize, record: &[u8]) {
        self.records.insert(at, record.to_vec());
        self.truth.insert(at, None);
    }
}

fn field(value: &str) -> String {
    let quoted = value.contains([',', '\n']) || value.starts_with('"') || value.ends_with('"');
    if quoted { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}

/// Does one kind of damage to the record at a place.
pub type Mutator = fn(&mut Sheet, usize, &mut ChaCha8Rng);

/// Puts `bytes` somewhere into a record, before its line end.
fn put(sheet: &mut Sheet, at: usize, random: &mut ChaCha8Rng, bytes: &[u8]) {
    let record = sheet.spoil(at);
    let place = random.random_range(0..record.len());
    record.splice(place..place, bytes.iter().copied());
}

/// Puts `bytes` before the line end.
fn append(sheet: &mut Sheet, at: usize, bytes: &[u8]) {
    let record = sheet.spoil(at);
    let end = record.len() - 1;
    record.splice(end..end, bytes.iter().copied());
}

/// Puts `bytes` where the second field begins.
fn put_in_field(sheet: &mut Sheet, at: usize, bytes: &[u8]) {
    let record = sheet.spoil(at);
    let place = record.iter().position(|byte| *byte == b',').unwrap() + 1;
    record.splice(place..place, bytes.iter().copied());
}

/// Gives a record a quoted field, so that there is a quote to spoil, and takes away what `which` finds of it.
fn unquote(sheet: &mut Sheet, at: usize, which: fn(&[u8]) -> Option<usize>) {
    let record = sheet.spoil(at);
    *record = b"77,\"Doe, Jo\",x,Ulm\n".to_vec();
    let place = which(record).unwrap();
    record.remove(place);
}

pub const MUTATORS: [(&str, Mutator); 30] = [
    ("a field too few", |sheet, at, _| *sheet.spoil(at) = b"7,Ana,Rome\n".to_vec()),
    ("a field too many", |sheet, at, _| append(sheet, at, b",more")),
    ("a trailing delimiter", |sheet, at, _| append(sheet, at, b",")),
    ("another delimiter", |sheet, at, _| *sheet.spoil(at) = b"7;Ana;x;Rome\n".to_vec()),
    ("a quote that opens and never closes", |sheet, at, _| put_in_field(sheet, at, b"\"")),
    ("a quote somewhere", |sheet, at, random| put(sheet, at, random, b"\"")),
    ("two quotes somewhere", |sheet, at, random| put(sheet, at, random, b"\"\"")),
    ("three quotes before a field", |sheet, at, _| put_in_field(sheet, at, b"\"\"\"")),
    ("text behind a closing quote", |sheet, at, _| put_in_field(sheet, at, b"\"Bob\"by")),
    ("no closing quote", |sheet, at, _| unquote(sheet, at, |record| record.iter().rposition(|byte| *byte == b'"'))),
    ("no opening quote", |sheet, at, _| unquote(sheet, at, |record| record.iter().position(|byte| *byte == b'"'))),
    ("a NUL", |sheet, at, random| put(sheet, at, random, b"\0")),
    ("a byte that is never UTF-8", |sheet, at, random| put(sheet, at, random, b"\xFF")),
    ("Latin-1", |sheet, at, _| put_in_field(sheet, at, b"Zo\xEB")),
    ("half a character", |sheet, at, _| put_in_field(sheet, at, &"陳".as_bytes()[..2])),
    ("an overlong encoding", |sheet, at, _| put_in_field(sheet, at, b"\xC0\x80")),
    ("a surrogate in UTF-8", |sheet, at, _| put_in_field(sheet, at, b"\xED\xA0\x80")),
    ("a byte order mark amid the file", |sheet, at, _| {
        sheet.spoil(at).splice(0..0, *b"\xEF\xBB\xBF");
    }),
    ("no line end", |sheet, at, _| {
        sheet.spoil(at).pop();
        if at + 1 < sheet.truth.len() {
            sheet.spoil(at + 1);
        }
    }),
    ("a line break somewhere", |sheet, at, random| put(sheet, at, random, b"\n")),
    ("a carriage return somewhere", |sheet, at, random| put(sheet, at, random, b"\r")),
    ("one line that ends as on Windows", |sheet, at, _| {
        let end = sheet.records[at].len() - 1;
        if !sheet.records[at].ends_with(b"\r\n") {
            sheet.records[at].insert(end, b'\r');
        }
    }),
    ("an empty line", |sheet, at, _| sheet.insert(at, b"\n")),
    ("a line of blanks", |sheet, at, _| sheet.insert(at, b"   \n")),
    ("the header again", |sheet, at, _| sheet.insert(at, HEADER.as_bytes())),
    ("a summary line", |sheet, _, _| sheet.insert(sheet.records.len(), b"40 rows exported\n")),
    ("the end-of-file mark of DOS", |sheet, _, _| sheet.insert(sheet.records.len(), b"\x1A")),
    ("the file is cut", |sheet, at, random| {
        let end = random.random_range(0..sheet.records[at].len());
        sheet.spoil(at).truncate(end);
        sheet.records.truncate(at + 1);
        sheet.truth.truncate(at + 1);
    }),
    ("a line of random bytes", |sheet, at, random| {
        let mut noise: Vec<u8> = (0..random.random_range(1..200)).map(|_| random.random()).collect();
        noise.push(b'\n');
        sheet.insert(at, &noise);
    }),
    ("a flipped bit", |sheet, at, random| {
        let record = sheet.spoil(at);
        let (byte, bit) = (random.random_range(0..record.len()), random.random_range(0..8));
        record[byte] ^= 1 << bit;
        // A line end that is gone joins the record with the next.
        if byte + 1 == record.len() && at + 1 < sheet.truth.len() {
            sheet.spoil(at + 1);
        }
    }),
];

/// Damages one record in twenty, at least one.
pub fn mutate(sheet: &mut Sheet, mutator: Mutator, random: &mut ChaCha8Rng) {
    for _ in 0..=sheet.records.len() / 20 {
        let at = (random.next_u32() as usize) % sheet.records.len();
        mutator(sheet, at, random);
    }
}
