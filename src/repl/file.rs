//! Files that results go to: whole or not at all, and never a file of the lake, the project or its sources.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use tempfile::NamedTempFile;

use super::format::{OutputFormat, write_error, writer};
use super::reserved;
use super::settings::About;
use crate::engine::expand_home;
use crate::error::{Error, Kind, Result};

/// A file being written. It takes its name when it is whole; dropped before that, it leaves nothing behind.
pub struct ResultFile {
    path: PathBuf,
    sink: BufWriter<Sink>,
}

enum Sink {
    /// A file beside the wanted one.
    Beside(NamedTempFile),
    /// A pipe or a device such as `/dev/stdout`, which cannot be replaced.
    Direct(File),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Beside(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Beside(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl ResultFile {
    /// Begins the file `target`, in place of one that may be there.
    ///
    /// # Errors
    /// `Denied` for a URL, a place in a lake and a file of the project or its sources, `Usage` when the folder is missing
    /// or not ours to write.
    pub(super) fn create(target: &str, about: &About) -> Result<Self> {
        if target.contains("://") {
            return Err(Error::new(Kind::Denied, "results go to local files only")
                .with("file", target)
                .hint("write it here and copy it there"));
        }
        let failed = |error: std::io::Error| {
            Error::new(Kind::of_io(&error), "cannot write the file").with("file", target).source(error)
        };
        let wanted = PathBuf::from(expand_home(target));
        // A link is followed, so that what it points to is replaced and not the link.
        let path = wanted.canonicalize().unwrap_or(wanted);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(failed)?;
        reserved::refuse(&path, &folder, about)?;
        if path.is_dir() {
            return Err(Error::new(Kind::Usage, "cannot write the file: it is a folder").with("file", target));
        }
        let sink = if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            Sink::Direct(File::options().write(true).open(&path).map_err(failed)?)
        } else {
            Sink::Beside(beside(&folder).map_err(failed)?)
        };
        Ok(Self { path, sink: BufWriter::with_capacity(1 << 16, sink) })
    }

    /// Where the bytes go.
    pub(super) fn out(&mut self) -> &mut (dyn Write + Send) {
        &mut self.sink
    }

    /// Gives the whole file its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<()> {
        let sink = self.sink.into_inner().map_err(|error| write_error(error.into_error()))?;
        let path = &self.path;
        let failed = |error: std::io::Error| {
            Error::new(Kind::of_io(&error), "cannot write the file").with("file", path.display()).source(error)
        };
        match sink {
            Sink::Beside(file) => {
                file.as_file().sync_all().map_err(write_error)?;
                file.persist(path).map_err(|error| failed(error.error))?;
            }
            Sink::Direct(mut file) => file.flush().map_err(write_error)?,
        }
        Ok(())
    }
}

/// Writes batches of one schema to the local file `target`, in the format that its name asks for. Gives the rows.
///
/// # Errors
/// `Denied` for a URL and a place in a lake, `Usage` when the name does not say a format or its folder is missing.
pub fn save(target: &str, batches: &[RecordBatch]) -> Result<usize> {
    let format = file_format(target, None)?;
    let mut file = ResultFile::create(target, &About::default())?;
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let mut rows = writer(format, &schema, file.out())?;
    batches.iter().try_for_each(|batch| rows.write(batch))?;
    rows.finish()?;
    drop(rows);
    file.finish()?;
    Ok(batches.iter().map(RecordBatch::num_rows).sum())
}

/// Writes a text to the local file `target`.
///
/// # Errors
/// `Denied` for a URL and a place in a lake, `Usage` when its folder is missing.
pub fn save_text(target: &str, text: &str) -> Result<()> {
    write_by(target, |out| out.write_all(text.as_bytes()))?.finish()
}

/// Writes to the local file `target`, which is there when it is whole and [`ResultFile::finish`] says so.
///
/// # Errors
/// `Denied` for a URL and a place in a lake, `Usage` when its folder is missing.
pub fn write_by(
    target: &str,
    write: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
) -> Result<ResultFile> {
    let mut file = ResultFile::create(target, &About::default())?;
    write(file.out()).map_err(write_error)?;
    Ok(file)
}

/// A new file in `folder`, with the permissions that any new file of the user has.
fn beside(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".onefold-").tempfile_in(folder)
}

/// The format of a file: `given`, else what its ending asks for.
///
/// # Errors
/// `Usage` when neither is known.
pub(super) fn file_format(target: &str, given: Option<&str>) -> Result<OutputFormat> {
    match given {
        Some(format) => format.parse(),
        None => OutputFormat::of_file(Path::new(target)).ok_or_else(|| {
            Error::new(Kind::Usage, "the file's name does not say which format it is to have")
                .with("file", target)
                .hint("end it in .csv, .json, .ndjson, .md or .parquet, or add `(FORMAT csv)`")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::layout::MANIFESTS;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orders.csv");
        std::fs::write(&path, "old").expect("writes");
        let target = path.display().to_string();
        let names = || folder.path().read_dir().expect("lists").count();

        let mut broken = ResultFile::create(&target, &About::default()).expect("creates");
        broken.out().write_all(b"half").expect("writes");
        drop(broken);
        assert_eq!((std::fs::read_to_string(&path).expect("reads"), names()), ("old".into(), 1));

        let mut whole = ResultFile::create(&target, &About::default()).expect("creates");
        whole.out().write_all(b"new").expect("writes");
        whole.finish().expect("finishes");
        assert_eq!((std::fs::read_to_string(&path).expect("reads"), names()), ("new".into(), 1));
    }

    #[test]
    fn the_lake_and_urls_are_denied() {
        let lake = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(lake.path().join("published")).expect("makes");
        for target in ["x.csv", "published/x.csv", "published/../x.csv"] {
            let target = lake.path().join(target).display().to_string();
            let about = About { lake_folder: Some(lake.path().to_owned()), ..About::default() };
            let error = ResultFile::create(&target, &about).err().expect(&target);
            assert_eq!(error.kind(), Kind::Denied, "{target}");
        }
        let other = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(other.path().join(MANIFESTS)).expect("makes");
        let target = other.path().join("x.csv").display().to_string();
        assert_eq!(ResultFile::create(&target, &About::default()).err().expect("a lake").kind(), Kind::Denied);
        assert_eq!(
            ResultFile::create("s3://bucket/x.csv", &About::default()).err().expect("a URL").kind(),
            Kind::Denied
        );
    }
}
