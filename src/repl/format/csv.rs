//! CSV after RFC 4180. The writers at hand cannot tell NULL from an empty text or refuse lists, so this is our own.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::cell::{Cells, Reader};
use super::{RowWriter, write_error};
use crate::error::Result;

/// Writes lines of fields.
pub(super) struct CsvRows<W> {
    out: W,
}

impl<W: Write> CsvRows<W> {
    /// Begins with the header.
    pub(super) fn new(schema: &SchemaRef, mut out: W) -> Result<Self> {
        let mut header = String::new();
        for (at, field) in schema.fields().iter().enumerate() {
            header.push_str(if at > 0 { "," } else { "" });
            let start = header.len();
            header.push_str(field.name());
            quote(&mut header, start);
        }
        header.push_str("\r\n");
        out.write_all(header.as_bytes()).map_err(write_error)?;
        Ok(Self { out })
    }
}

/// Quotes the field that begins at `start`, if it must be quoted or if it is empty: an empty field without quotes is a
/// NULL.
fn quote(lines: &mut String, start: usize) {
    let field = &lines[start..];
    let is_plain = !field.is_empty()
        && !field.contains([',', '"', '\r', '\n'])
        && !field.starts_with(' ')
        && !field.ends_with(' ');
    if !is_plain {
        let quoted = format!("\"{}\"", field.replace('"', "\"\""));
        lines.truncate(start);
        lines.push_str(&quoted);
    }
}

impl<W: Write + Send> RowWriter for CsvRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch, Reader::Program)?;
        let mut lines = String::new();
        for row in 0..batch.num_rows() {
            for column in 0..cells.columns() {
                lines.push_str(if column > 0 { "," } else { "" });
                let start = lines.len();
                if cells.append(row, column, &mut lines)? {
                    quote(&mut lines, start);
                }
            }
            lines.push_str("\r\n");
        }
        self.out.write_all(lines.as_bytes()).map_err(write_error)
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(write_error)
    }
}
