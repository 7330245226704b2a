//! Delimited text. Every value stays text, exactly as it was written; an empty one is NULL.
//!
//! The header line names the columns; a record with another number of fields, an unbalanced quote, undecodable bytes or
//! a NUL goes to quarantine, alone and with all its lines. What looks like records within it is text of one of its
//! fields, unless nearly everything says that a stray quote has swallowed them. Nothing is guessed: no types, no
//! delimiter, no repair.

mod batch;
pub(super) mod fields;

use std::sync::Arc;

use self::batch::{Parser, Room};
use self::fields::{Dialect, Quotes, undouble};
use super::chunk::{Chunk, Chunks, Framing};
use super::decode;
use super::encoded::Encoded;
use super::input::Input;
use super::parallel;
use super::part::{Rows, text_schema};
use crate::delimiter;
use crate::error::{Error, Kind, Result};

/// Opens a CSV file: its header is read, its rows follow.
pub(super) async fn read(input: Arc<Input>) -> Result<Rows> {
    let opening = Arc::clone(&input);
    let (parser, chunks, notices) = parallel::blocking(move || open(&opening)).await?;
    let schema = Arc::clone(&parser.schema);
    let parts = parallel::in_order(chunks, input.threads, move |chunk| parser.parse(&chunk));
    Ok(Rows { schema, parts, notices })
}

type Opened = (Parser, Box<dyn Iterator<Item = Result<Chunk>> + Send>, Vec<String>);

fn open(input: &Arc<Input>) -> Result<Opened> {
    let text = decode::open(input, input.meter.clone())?;
    let encoded = text.encoded;
    let mut chunks = Chunks::new(input, text, Framing::Csv(input.settings.dialect))?;
    let Framing::Csv(dialect) = chunks.framing() else { unreachable!("the framing of a CSV file is its dialect") };
    let (names, first) = match &input.settings.columns {
        Some(columns) => (columns.clone(), None),
        None => loop {
            // A chunk may hold nothing but blank lines.
            let mut chunk = chunks.next().ok_or_else(|| no_header(input))??;
            if let Some(names) = take_header(input, dialect, encoded, &mut chunk)? {
                break (names, Some(Ok(chunk)));
            }
        },
    };
    let mut notices = Vec::new();
    if let [only] = names.as_slice()
        && let Some(other) = delimiter::of_header(only)
    {
        notices.push(format!(
            "`{}` has one column; if `{}` separates its fields, set `delimiter`",
            input.name,
            other.escape_debug()
        ));
    }
    let schema = text_schema(input, &names)?;
    let (file, null_values) = (input.file.clone(), input.settings.null_values.clone());
    let room = Room::new(names.len());
    let found = input.records.clone();
    let parser = Parser { dialect, schema, file, null_values, encoded, found, room };
    Ok((parser, Box::new(first.into_iter().chain(chunks)), notices))
}

/// Reads the first record that is not blank as column names, and moves the chunk's start behind it; none if all are blank.
fn take_header(input: &Input, dialect: Dialect, encoded: Encoded, chunk: &mut Chunk) -> Result<Option<Vec<String>>> {
    let mut fields = Vec::new();
    while chunk.start < chunk.text.len() {
        let record = dialect.split(&chunk.text, chunk.start, chunk.last, &mut fields);
        let bytes = &chunk.text[chunk.start..record.end];
        let is_right = record.quotes == Quotes::Right;
        let flaw = if is_right { encoded.flaw(bytes) } else { Some("unbalanced quote".to_owned()) };
        if let Some(flaw) = flaw {
            return Err(input.error(format!("the header line cannot be read: {flaw}")).hint(
                "set `delimiter`, `quote` or `encoding` of the source, or `columns` if there is no header line",
            ));
        }
        (chunk.start, chunk.line) = (record.end, chunk.line + record.lines);
        if !record.blank {
            let name = |field: &fields::Field| {
                let mut name = Vec::new();
                match dialect.quote {
                    Some(quote) if field.doubled => undouble(field.of(&chunk.text), quote, &mut name),
                    _ => name.extend_from_slice(field.of(&chunk.text)),
                }
                String::from_utf8_lossy(&name).trim().to_owned()
            };
            return Ok(Some(fields.iter().map(name).collect()));
        }
    }
    Ok(None)
}

fn no_header(input: &Input) -> Error {
    Error::new(Kind::Source, "the file has no header line")
        .with("source", &input.source)
        .with("file", &input.name)
        .hint("a source without rows still needs its header; if files never have one, name the columns in `columns`")
}
