//! Tables for Markdown documents. Not padded, so that they can be written as the rows come; renderers do not mind.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::cell::{Cells, Reader, escaped, is_number};
use super::{RowWriter, write_error};
use crate::error::Result;

/// Writes lines between bars.
pub(super) struct MarkdownRows<W> {
    out: W,
}

impl<W: Write> MarkdownRows<W> {
    /// Begins with the header.
    pub(super) fn new(schema: &SchemaRef, out: W) -> Result<Self> {
        let mut rows = Self { out };
        rows.line(schema.fields().iter().map(|field| quoted(field.name())))?;
        let rule = |number| if number { "---:" } else { "---" };
        rows.line(schema.fields().iter().map(|field| rule(is_number(field.data_type())).to_owned()))?;
        Ok(rows)
    }

    fn line(&mut self, cells: impl Iterator<Item = String>) -> Result<()> {
        let cells: Vec<String> = cells.collect();
        writeln!(self.out, "| {} |", cells.join(" | ")).map_err(write_error)
    }
}

/// The text as Markdown that shows it: no bar ends a cell, no star makes it bold.
fn quoted(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escaped).collect();
    let mut quoted = String::with_capacity(text.len());
    for c in lines.join("\n").chars() {
        match c {
            '\n' => quoted.push_str("<br>"),
            '<' => quoted.push_str("&lt;"),
            '|' | '*' | '`' | '[' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted
}

impl<W: Write + Send> RowWriter for MarkdownRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch, Reader::Person)?;
        let text = |cell: Option<String>| cell.map(|cell| quoted(&cell)).unwrap_or_default();
        (0..batch.num_rows()).try_for_each(|row| self.line(cells.row(row).map(text)))
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(write_error)
    }
}
