//! How one file is read: what `onefold.toml` says, completed by the file's name, checked once.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::csv::fields::Dialect;
use crate::error::{Error, Kind, Result};
use crate::project::{Format, Source};

/// Encodings that a hint names: the usual ones of old exports.
const ENCODINGS: &str =
    "`windows-1252`, `windows-1250`, `windows-1258`, `iso-8859-2`, `utf-16le`, `gbk`, `big5`, `shift_jis`";

/// How a file's bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// How one file is read.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) format: Format,
    pub(super) compression: Compression,
    pub(super) encoding: &'static Encoding,
    /// Its newline is that of most files; reading finds the file's own.
    pub(super) dialect: Dialect,
    pub(super) columns: Option<Vec<String>>,
    pub(super) null_values: Vec<String>,
}

impl Settings {
    /// The settings for `file` of the source called `name`.
    ///
    /// # Errors
    /// `Config` when a setting cannot be used, or when neither it nor the file's name tells the format.
    pub(super) fn new(name: &str, source: &Source, file: &str) -> Result<Self> {
        let wrong = |key: &str, message: String| {
            Error::new(Kind::Config, message).with("source", name).with("key", format!("sources.{name}.{key}"))
        };
        let one_byte = |key: &str, text: &str| match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\r\n\0".contains(byte) => Ok(*byte),
            _ => Err(wrong(key, format!("`{key}` must be one ASCII character, not `{}`", text.escape_debug()))),
        };
        let (extension, compression) = extension(file);
        let Some(format) = source.format.or_else(|| format_by_extension(&extension)) else {
            let error = wrong("format", "the file's name does not tell its format".into()).with("file", file);
            return Err(
                error.hint("set `format` to `csv`, `ndjson`, `json` or `parquet`, or let `path` match fewer files")
            );
        };
        let delimiter = match source.delimiter {
            Some(delimiter) => one_byte("delimiter", delimiter.encode_utf8(&mut [0; 4]))?,
            None if extension == "tsv" || extension == "tab" => b'\t',
            None => b',',
        };
        let quote = if source.quote.is_empty() { None } else { Some(one_byte("quote", &source.quote)?) };
        if quote == Some(delimiter) {
            return Err(wrong("quote", "`quote` and `delimiter` are the same character".into()));
        }
        let encoding = match &source.encoding {
            None => UTF_8,
            Some(label) => Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
                let message = format!("`{}` is not an encoding", label.escape_debug());
                wrong("encoding", message).hint(format!("use a WHATWG label such as {ENCODINGS}"))
            })?,
        };
        let dialect = Dialect { delimiter, quote, newline: b'\n' };
        let (columns, null_values) = (source.columns.clone(), source.null_values.clone());
        if columns.as_ref().is_some_and(Vec::is_empty) {
            return Err(
                wrong("columns", "`columns` is empty".into()).hint("leave it out if the files have a header line")
            );
        }
        Ok(Self { format, compression, encoding, dialect, columns, null_values })
    }

    /// A text that differs whenever the same bytes would be read into other rows.
    pub(super) fn fingerprint(&self) -> String {
        let Self { format, compression, encoding, dialect, columns, null_values } = self;
        let encoding = encoding.name();
        match format {
            Format::Csv => format!("{format:?} {compression:?} {encoding} {dialect:?} {columns:?} {null_values:?}"),
            Format::Ndjson | Format::Json => match columns {
                None => format!("{format:?} {compression:?} {encoding}"),
                Some(columns) => format!("{format:?} {compression:?} {encoding} {columns:?}"),
            },
            Format::Parquet => format!("{format:?}"),
        }
    }
}

/// The format that a file's name tells, if it tells one.
pub fn format_of(file: &str) -> Option<Format> {
    format_by_extension(&extension(file).0)
}

/// What a file's name ends in, in lower case, and how its bytes are packed.
pub(super) fn extension(file: &str) -> (String, Compression) {
    let (stem, compression) = compression(file);
    let extension = Path::new(stem).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    (extension.unwrap_or_default(), compression)
}

fn compression(file: &str) -> (&str, Compression) {
    let lower = file.to_ascii_lowercase();
    let packed = [(".gz", Compression::Gzip), (".zst", Compression::Zstd)];
    packed
        .into_iter()
        .find(|(ending, _)| lower.ends_with(ending))
        .map_or((file, Compression::None), |(ending, packing)| (&file[..file.len() - ending.len()], packing))
}

fn format_by_extension(extension: &str) -> Option<Format> {
    match extension {
        "csv" | "tsv" | "tab" | "txt" => Some(Format::Csv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        "json" => Some(Format::Json),
        "parquet" | "pq" => Some(Format::Parquet),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str, file: &str) -> Result<Settings> {
        let source: Source = toml::from_str(&format!("path = \"*\"\n{toml}")).expect("valid TOML");
        Settings::new("crm", &source, file)
    }

    #[test]
    fn the_name_tells_what_the_project_does_not() {
        let check = |file: &str| {
            let settings = settings("", file).expect("known");
            (settings.format, settings.compression, settings.dialect.delimiter)
        };
        assert_eq!(check("a/crm.CSV"), (Format::Csv, Compression::None, b','));
        assert_eq!(check("crm.tsv.gz"), (Format::Csv, Compression::Gzip, b'\t'));
        assert_eq!(check("crm.jsonl.zst"), (Format::Ndjson, Compression::Zstd, b','));
        assert_eq!(check("crm.parquet"), (Format::Parquet, Compression::None, b','));
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused_by_key() {
        let check = |toml: &str, file: &str| {
            let error = settings(toml, file).expect_err("must be refused");
            assert_eq!(error.kind(), Kind::Config);
            error.to_string()
        };
        assert!(check("delimiter = '¦'", "a.csv").contains("`delimiter` must be one ASCII character, not `¦`"));
        assert!(check("quote = ','", "a.csv").contains("the same character"));
        assert!(check("encoding = 'latin'", "a.csv").contains("`latin` is not an encoding"));
        assert!(check("", "a.dat").contains("sources.crm.format"));
    }

    #[test]
    fn only_settings_that_matter_change_the_fingerprint() {
        let fingerprint = |toml: &str, file: &str| settings(toml, file).expect("valid").fingerprint();
        assert_ne!(fingerprint("", "a.csv"), fingerprint("delimiter = ';'", "a.csv"));
        assert_eq!(fingerprint("", "a.ndjson"), fingerprint("delimiter = ';'", "a.ndjson"));
    }
}
