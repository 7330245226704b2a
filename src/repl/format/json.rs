//! JSON, as one array or one object a line.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::WriterBuilder;
use datafusion::arrow::json::writer::{JsonFormat, Writer};

use super::{RowWriter, encode_error, write_error};
use crate::error::Result;

/// One array, an object a line.
#[derive(Debug, Default)]
pub(super) struct Array;

impl JsonFormat for Array {
    fn start_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"[")?)
    }

    fn start_row<W: Write>(&self, out: &mut W, is_first_row: bool) -> Result<(), ArrowError> {
        Ok(out.write_all(if is_first_row { b"\n" } else { b",\n" })?)
    }

    fn end_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"]")?)
    }
}

/// One object a line.
#[derive(Debug, Default)]
pub(super) struct Lines;

impl JsonFormat for Lines {
    fn end_row<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"\n")?)
    }
}

/// Writes objects.
pub(super) struct JsonRows<W: Write, F: JsonFormat> {
    writer: Writer<W, F>,
    rows: usize,
}

impl<W: Write, F: JsonFormat> JsonRows<W, F> {
    pub(super) fn new(out: W) -> Self {
        Self { writer: WriterBuilder::new().with_explicit_nulls(true).build(out), rows: 0 }
    }
}

impl<W: Write + Send> RowWriter for JsonRows<W, Lines> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(encode_error)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish().map_err(encode_error)?;
        self.writer.get_mut().flush().map_err(write_error)
    }
}

impl<W: Write + Send> RowWriter for JsonRows<W, Array> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.writer.write(batch).map_err(encode_error)
    }

    fn finish(&mut self) -> Result<()> {
        if self.rows > 0 {
            self.writer.get_mut().write_all(b"\n").map_err(write_error)?;
        }
        self.writer.finish().map_err(encode_error)?;
        self.writer.get_mut().write_all(b"\n").map_err(write_error)?;
        self.writer.get_mut().flush().map_err(write_error)
    }
}
