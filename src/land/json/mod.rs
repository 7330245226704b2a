//! JSON: an object a line, the elements of one array, or objects one after the other.
//!
//! Nested objects become columns such as `customer_email`; arrays stay JSON text; every value stays text exactly as it
//! was written. A file is read twice, first for its columns, so that no more than a few chunks of it are in memory.

pub(super) mod elements;
mod walk;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use futures::TryStreamExt;
use memchr::{memchr, memchr_iter};
use rustc_hash::{FxHashMap, FxHashSet};

use self::elements::Elements;
use self::walk::{Leaf, unescape, walk};
use super::chunk::{Chunk, Chunks, Framing};
use super::column::TextColumn;
use super::decode;
use super::encoded::{Encoded, Offsets};
use super::input::{Input, Meter};
use super::parallel;
use super::part::{Part, Rows, text_schema};
use super::quarantine::BadRow;
use crate::error::{Error, Kind, Result};
use crate::project::Format;

/// More columns than this are names that should have been values.
const COLUMNS_MAX: usize = 2000;

/// Opens a JSON file: its columns are found, in the order in which they first appear, then those of `columns` that no
/// record has; its rows follow.
pub(super) async fn read(input: Arc<Input>) -> Result<Rows> {
    let names = column_names(&input).await?;
    let schema = text_schema(&input, &names)?;
    let (chunks, encoded) = open(&input, input.meter.clone()).await?;
    let columns = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
    let (file, found) = (input.file.clone(), input.records.clone());
    let parser = Parser { columns, schema: Arc::clone(&schema), file, encoded, found };
    let parts = parallel::in_order(chunks, input.threads, move |chunk| parser.parse(&chunk));
    Ok(Rows { schema, parts, notices: Vec::new() })
}

async fn open(input: &Arc<Input>, meter: Meter) -> Result<(Chunks, Encoded)> {
    let input = Arc::clone(input);
    parallel::blocking(move || {
        let text = decode::open(&input, meter)?;
        let encoded = text.encoded;
        let framing =
            if input.settings.format == Format::Ndjson { Framing::Lines } else { Framing::Json(Elements::default()) };
        Ok((Chunks::new(&input, text, framing)?, encoded))
    })
    .await
}

async fn column_names(input: &Arc<Input>) -> Result<Vec<String>> {
    let (chunks, encoded) = open(input, Meter::default()).await?;
    let mut found = parallel::in_order(chunks, input.threads, move |chunk| Ok(chunk_names(&chunk, encoded)));
    let (mut names, mut seen) = (Vec::new(), FxHashSet::default());
    while let Some(more) = found.try_next().await? {
        names.extend(more.into_iter().filter(|name| seen.insert(name.clone())));
        if names.len() > COLUMNS_MAX {
            return Err(input.error(format!("the file has more than {COLUMNS_MAX} columns")).hint(
                "names that are values, such as ids, cannot become columns: turn such objects into arrays of objects",
            ));
        }
    }
    let declared = input.settings.columns.iter().flatten();
    names.extend(declared.filter(|name| seen.insert((*name).clone())).cloned());
    Ok(names)
}

fn chunk_names(chunk: &Chunk, encoded: Encoded) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), FxHashSet::default());
    let mut found = Vec::new();
    for (_, range) in records(chunk) {
        found.clear();
        let Ok(text) = record_text(&chunk.text[range], encoded) else { continue };
        // A record that goes to quarantine brings no columns.
        let known = |path: &str| seen.contains(path);
        if walk(&text, &mut |path, _| {
            if !known(path) {
                found.push(path.to_owned());
            }
        })
        .is_ok()
        {
            names.extend(found.drain(..).filter(|name| seen.insert(name.clone())));
        }
    }
    names
}

/// Line or element number and place of each record.
fn records(chunk: &Chunk) -> Vec<(u64, Range<usize>)> {
    if let Some(elements) = &chunk.elements {
        return (chunk.line..).zip(elements.iter().cloned()).collect();
    }
    let text = &chunk.text;
    let ends = memchr_iter(b'\n', text).chain((text.last() != Some(&b'\n')).then_some(text.len()));
    let (mut start, mut lines) = (0, Vec::new());
    for (line, end) in (chunk.line..).zip(ends) {
        if !text[start..end].trim_ascii().is_empty() {
            lines.push((line, start..end));
        }
        start = end + 1;
    }
    lines
}

fn record_text(bytes: &[u8], encoded: Encoded) -> Result<Cow<'_, str>, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_none() => Ok(Cow::from(text)),
        _ => Err(encoded.flaw(bytes).unwrap_or_default()),
    }
}

struct Parser {
    columns: FxHashMap<String, usize>,
    schema: SchemaRef,
    file: String,
    encoded: Encoded,
    /// Counts records.
    found: Meter,
}

impl Parser {
    fn parse(&self, chunk: &Chunk) -> Result<Part> {
        let records = records(chunk);
        self.found.add(records.len() as u64);
        let mut columns: Vec<_> = self.columns.iter().map(|_| TextColumn::with_capacity(records.len(), 0)).collect();
        let (mut lines, mut bad) = (Vec::with_capacity(records.len()), Vec::new());
        let mut offsets = Offsets::new(self.encoded, chunk.offset, &chunk.known);
        for (line, range) in records {
            let bytes = &chunk.text[range.clone()];
            match self.push(bytes, lines.len(), &mut columns) {
                Ok(()) => lines.push(line as i64),
                Err(reason) => {
                    let raw = self.encoded.show(bytes.trim_ascii_end());
                    let byte_offset = offsets.of(&chunk.text, range.start);
                    bad.push(BadRow { line, byte_offset, reason, raw });
                }
            }
        }
        Ok(Part { rows: self.finish(columns, lines)?, bad })
    }

    /// Appends the record as row `row`, or says why it cannot be one.
    fn push(&self, bytes: &[u8], row: usize, columns: &mut [TextColumn]) -> Result<(), String> {
        let text = record_text(bytes, self.encoded)?;
        let mut leaves: Vec<(usize, Leaf<'_>)> = Vec::with_capacity(columns.len());
        walk(&text, &mut |path, leaf| leaves.extend(self.columns.get(path).map(|column| (*column, leaf))))?;
        let mut taken: Vec<usize> = leaves.iter().map(|(column, _)| *column).collect();
        taken.sort_unstable();
        if let Some(twice) = taken.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two values for the column `{}`", self.schema.field(twice[0]).name()));
        }
        for (column, leaf) in leaves {
            let column = &mut columns[column];
            column.pad(row);
            match leaf {
                Leaf::Null => column.push_null(),
                Leaf::Plain(text) => column.push(text.as_bytes()),
                Leaf::Escaped(content) => column.push_with(|out| unescape(content, out)),
            }
        }
        Ok(())
    }

    fn finish(&self, columns: Vec<TextColumn>, lines: Vec<i64>) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(columns.len() + 2);
        for mut column in columns {
            column.pad(lines.len());
            arrays.push(Arc::new(column.finish()?) as ArrayRef);
        }
        arrays.push(Arc::new(TextColumn::repeat(&self.file, lines.len())?));
        arrays.push(Arc::new(Int64Array::from(lines)));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Error::new(Kind::Internal, "the rows do not fit their columns").source(error))
    }
}
