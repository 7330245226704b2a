//! What was learnt and compared, in a file from one run to the next: Arrow streams one after the other, and a hash of them.

use std::io::Write;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamDecoder;
use datafusion::arrow::ipc::writer::StreamWriter;

use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Past;
use crate::repl::{ResultFile, write_by};

/// What a file of `--state` has to say.
pub(super) enum State {
    /// It is not there yet.
    Missing,
    /// Another version wrote it.
    Other,
    Known(Box<Past>),
}

/// Reads the file.
///
/// # Errors
/// `Corrupt` when it holds something else, which is never written over.
pub(super) fn read(path: &Path, threads: usize) -> Result<State> {
    let wrong = |error: Error| error.with("file", path.display()).hint("name another file with `--state`");
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::Missing),
        Err(error) => {
            return Err(wrong(Error::new(Kind::of_io(&error), "cannot read the file of `--state`").source(error)));
        }
    };
    let unlike = || wrong(Error::new(Kind::Corrupt, "this is not what `--state` has written before, or it is damaged"));
    let (tables, hash) = bytes.split_last_chunk::<{ blake3::OUT_LEN }>().ok_or_else(unlike)?;
    if blake3::hash(tables) != *hash {
        return Err(unlike());
    }
    let length = tables.len();
    let mut bytes = Buffer::from(bytes).slice_with_length(0, length);
    let tables: std::result::Result<Vec<RecordBatch>, ArrowError> = (0..4).map(|_| table(&mut bytes)).collect();
    let past = Past::read(&tables.map_err(|error| unlike().source(error))?, threads).map_err(wrong)?;
    Ok(past.map_or(State::Other, |past| State::Known(Box::new(past))))
}

/// The table of the next stream, which lies where the bytes do.
fn table(bytes: &mut Buffer) -> std::result::Result<RecordBatch, ArrowError> {
    let mut stream = StreamDecoder::new();
    let table = stream.decode(bytes)?.ok_or_else(|| ArrowError::IpcError("a table is missing".into()))?;
    if !bytes.starts_with(&END) {
        return Err(ArrowError::IpcError("there is more than a table".into()));
    }
    bytes.advance(END.len());
    Ok(table)
}

/// How an Arrow stream ends.
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Writes what is to be kept for the next time, which is there once the file is finished.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(path: &Path, past: &Past) -> Result<ResultFile> {
    let tables = past.tables()?;
    write_by(&path.to_string_lossy(), |out| {
        let mut out = Hashed { out, hash: blake3::Hasher::new() };
        let write = |table: &RecordBatch| {
            let mut stream = StreamWriter::try_new(&mut out, &table.schema())?;
            stream.write(table)?;
            stream.finish()
        };
        tables.iter().try_for_each(write).map_err(std::io::Error::other)?;
        let hash = out.hash.finalize();
        out.out.write_all(hash.as_bytes())
    })
}

/// Takes a hash of what is written.
struct Hashed<'a> {
    out: &'a mut (dyn Write + Send),
    hash: blake3::Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
