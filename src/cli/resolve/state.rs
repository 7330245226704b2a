//! What was learnt and compared, in a file from one run to the next: Arrow streams one after the other.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;

use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Past;
use crate::repl::save_by;

/// What the file keeps; none if it is not there yet.
///
/// # Errors
/// `Corrupt` when it holds something else, which is never written over.
pub(super) fn read(path: &Path, threads: usize) -> Result<Option<Past>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let unread = Error::new(Kind::of_io(&error), "cannot read the file of `--state`");
            return Err(unread.with("file", path.display()).source(error));
        }
    };
    let hint = "name another file with `--state`, or remove this one, so that all is learnt anew";
    let wrong = |error: Error| error.with("file", path.display()).hint(hint);
    let unlike = |error: ArrowError| {
        wrong(Error::new(Kind::Corrupt, "this is not what `--state` has written before").source(error))
    };
    let mut bytes = BufReader::with_capacity(1 << 20, file);
    let tables: std::result::Result<Vec<RecordBatch>, ArrowError> = (0..4).map(|_| table(&mut bytes)).collect();
    Past::read(&tables.map_err(unlike)?, threads).map_err(wrong).map(Some)
}

/// The table of the next stream.
fn table(bytes: &mut BufReader<File>) -> std::result::Result<RecordBatch, ArrowError> {
    let mut stream = StreamReader::try_new(bytes, None)?;
    let table = stream.next().ok_or_else(|| ArrowError::IpcError("a table is missing".into()))??;
    // What is behind it ends the stream.
    match stream.next() {
        None => Ok(table),
        Some(_) => Err(ArrowError::IpcError("there is more than a table".into())),
    }
}

/// Keeps it for the next time.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn save(path: &Path, past: &Past) -> Result<()> {
    let tables = past.tables()?;
    save_by(&path.to_string_lossy(), |out| {
        let write = |table: &RecordBatch| {
            let mut stream = StreamWriter::try_new(&mut *out, &table.schema())?;
            stream.write(table)?;
            stream.finish()
        };
        tables.iter().try_for_each(write).map_err(std::io::Error::other)
    })
}
