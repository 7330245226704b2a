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
    pub(super) fn new(schema: &SchemaRef, out: W) -> Result<Self> {
        let mut rows = Self { out };
        rows.line(schema.fields().iter().map(|field| Some(field.name().clone())))?;
        Ok(rows)
    }

    fn line(&mut self, fields: impl Iterator<Item = Option<String>>) -> Result<()> {
        let mut line = String::new();
        for (at, field) in fields.enumerate() {
            if at > 0 {
                line.push(',');
            }
            if let Some(field) = field {
                push_field(&mut line, &field);
            }
        }
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes()).map_err(write_error)
    }
}

/// Appends a field, quoted if it must be or if it is empty: an empty field without quotes is a NULL.
fn push_field(line: &mut String, field: &str) {
    if field.is_empty() || field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ') {
        line.push('"');
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(field);
    }
}

impl<W: Write + Send> RowWriter for CsvRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch, Reader::Program)?;
        (0..batch.num_rows()).try_for_each(|row| self.line(cells.row(row)))
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(write_error)
    }
}
