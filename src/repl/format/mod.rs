//! How results look: for a person (table, expanded), for a program (CSV, JSON, NDJSON, Parquet), for a text (Markdown).
//!
//! Only the table on a terminal is ever cut, and the cut is told. All others hold every row and every value, and
//! nothing but the data; they are written as the rows come, so a result may be larger than memory.

mod cell;
mod csv;
mod expanded;
mod json;
mod markdown;
mod parquet;
mod table;

use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

pub(super) use expanded::{ExpandedRows, expanded, expanded_gap};
use table::TableRows;
pub(super) use table::draw;

use super::style::Style;
use crate::error::{Error, Kind, Result, nearest, no_room};

/// The form in which results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OutputFormat {
    /// A table of box-drawing characters, with the columns' types. On a terminal it is cut to fit, and says so.
    #[default]
    Table,
    /// CSV after RFC 4180 with a header: NULL is an empty field, an empty text is `""`.
    Csv,
    /// One JSON array of objects. A NULL is `null`, a DECIMAL a number with its scale, a time an ISO 8601 text in UTC.
    Json,
    /// One JSON object a line.
    #[value(alias = "jsonl")]
    Ndjson,
    /// A table for Markdown documents.
    #[value(alias = "md")]
    Markdown,
    /// Parquet; only into a file.
    Parquet,
}

impl OutputFormat {
    /// The format that a file's ending asks for.
    pub fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "md" => Some(Self::Markdown),
            "parquet" => Some(Self::Parquet),
            "txt" => Some(Self::Table),
            _ => None,
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Markdown => "markdown",
            Self::Parquet => "parquet",
        }
    }

    /// The names of all formats.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        Self::value_variants().iter().map(|format| format.name())
    }
}

impl FromStr for OutputFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        <Self as ValueEnum>::from_str(text, true).map_err(|_| {
            let error = Error::new(Kind::Usage, format!("there is no format `{text}`"));
            match nearest(text, Self::names()) {
                Some(name) => error.hint(format!("did you mean `{name}`?")),
                None => error.hint(format!("there are: {}", Self::names().collect::<Vec<_>>().join(", "))),
            }
        })
    }
}

/// Writes a result as it comes.
pub(super) trait RowWriter: Send {
    /// Writes the rows of a batch.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;
    /// Writes what is still to come when there are no more rows.
    fn finish(&mut self) -> Result<()>;
}

/// The writer of `format` for rows of `schema`: whole, without colours.
pub(super) fn writer<'a>(
    format: OutputFormat,
    schema: &SchemaRef,
    out: &'a mut (dyn Write + Send),
) -> Result<Box<dyn RowWriter + 'a>> {
    Ok(match format {
        OutputFormat::Table => Box::new(TableRows::new(schema, out, Style::plain())),
        OutputFormat::Csv => Box::new(csv::CsvRows::new(schema, out)?),
        OutputFormat::Json => Box::new(json::JsonRows::<_, json::Array>::new(out)),
        OutputFormat::Ndjson => Box::new(json::JsonRows::<_, json::Lines>::new(out)),
        OutputFormat::Markdown => Box::new(markdown::MarkdownRows::new(schema, out)?),
        OutputFormat::Parquet => Box::new(parquet::ParquetRows::new(schema, out)?),
    })
}

/// The message when whoever reads the output, such as `head`, has gone. To a script that is no error.
pub(super) const READER_GONE: &str = "the reader of the output has gone";

/// The error of a result that cannot be written.
pub(super) fn write_error(error: std::io::Error) -> Error {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::BrokenPipe => Error::new(Kind::Interrupted, READER_GONE),
        kind => match no_room(kind) {
            Some(reason) => Error::new(Kind::Exhausted, reason).source(error),
            None => Error::new(Kind::Store, "cannot write the result").source(error),
        },
    }
}

/// The error of a value that has no place in the format.
fn encode_error(error: datafusion::arrow::error::ArrowError) -> Error {
    match error {
        datafusion::arrow::error::ArrowError::IoError(_, error) => write_error(error),
        error => Error::new(Kind::Sql, "a value cannot be written in this format")
            .source(error)
            .hint("cast the column to VARCHAR"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        ArrayRef, Decimal128Array, Float64Array, Int64Array, StringViewArray, TimestampMicrosecondArray,
    };

    use super::*;

    /// Three customers: Chinese, with control characters, and one of whom nothing is known.
    pub(in crate::repl) fn customers() -> RecordBatch {
        let spent = Decimal128Array::from(vec![Some(123_450), Some(-5), None]).with_precision_and_scale(18, 2);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("name", Arc::new(StringViewArray::from(vec![Some("刘伟"), Some("Ana \"A\"\n\u{1b}[31mPop"), None]))),
            ("spent", Arc::new(spent.expect("fits"))),
            ("score", Arc::new(Float64Array::from(vec![Some(0.5), None, Some(-1.0)]))),
            (
                "seen_at",
                Arc::new(TimestampMicrosecondArray::from(vec![Some(1_767_225_600_000_000), None, Some(1_500_000)])),
            ),
        ];
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    }

    /// The batch, as a file of the format.
    pub(in crate::repl) fn written(format: OutputFormat, batch: &RecordBatch) -> String {
        let mut out = Vec::new();
        let mut rows = writer(format, &batch.schema(), &mut out).expect("a writer");
        rows.write(batch).expect("writes");
        rows.finish().expect("finishes");
        drop(rows);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn csv_has_nulls_as_nothing_and_keeps_quotes_and_line_breaks() {
        let expected = "id,name,spent,score,seen_at\r\n\
             1,刘伟,1234.50,0.5,2026-01-01T00:00:00\r\n\
             2,\"Ana \"\"A\"\"\n\u{1b}[31mPop\",-0.05,,\r\n\
             3,,,-1.0,1970-01-01T00:00:01.500\r\n";
        assert_eq!(written(OutputFormat::Csv, &customers()), expected);
    }

    #[test]
    fn json_has_nulls_and_decimals_as_numbers() {
        let expected = "[\n\
            {\"id\":1,\"name\":\"刘伟\",\"spent\":1234.50,\"score\":0.5,\"seen_at\":\"2026-01-01T00:00:00\"},\n\
            {\"id\":2,\"name\":\"Ana \\\"A\\\"\\n\\u001b[31mPop\",\"spent\":-0.05,\"score\":null,\"seen_at\":null},\n\
            {\"id\":3,\"name\":null,\"spent\":null,\"score\":-1.0,\"seen_at\":\"1970-01-01T00:00:01.500\"}\n\
            ]\n";
        assert_eq!(written(OutputFormat::Json, &customers()), expected);
        assert_eq!(written(OutputFormat::Json, &customers().slice(0, 0)), "[]\n");
        let lines = written(OutputFormat::Ndjson, &customers());
        assert_eq!(lines.lines().count(), 3);
        assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
    }

    #[test]
    fn markdown_aligns_numbers_and_stays_one_line_a_row() {
        let expected = "| id | name | spent | score | seen_at |\n\
            | ---: | --- | ---: | ---: | --- |\n\
            | 1 | 刘伟 | 1234.50 | 0.5 | 2026-01-01 00:00:00 |\n\
            | 2 | Ana \"A\"<br>\\u{1b}\\[31mPop | -0.05 |  |  |\n\
            | 3 |  |  | -1.0 | 1970-01-01 00:00:01.500 |\n";
        assert_eq!(written(OutputFormat::Markdown, &customers()), expected);
    }

    #[test]
    fn parquet_is_read_back_with_times_in_utc() {
        let mut out = Vec::new();
        let batch = customers();
        let mut rows = writer(OutputFormat::Parquet, &batch.schema(), &mut out).expect("a writer");
        rows.write(&batch).expect("writes");
        rows.finish().expect("finishes");
        drop(rows);
        let read = ::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes::Bytes::from(out), 100);
        let read = read.expect("Parquet").next().expect("a batch").expect("reads");
        assert_eq!(read.num_rows(), 3);
        let types: Vec<String> =
            read.schema().fields().iter().map(|field| crate::engine::sql_type(field.data_type())).collect();
        assert_eq!(types, ["bigint", "varchar", "decimal(18,2)", "double", "timestamp with time zone"]);
    }

    #[test]
    fn formats_are_known_by_name_and_by_ending() {
        assert_eq!("NDJSON".parse::<OutputFormat>().expect("known"), OutputFormat::Ndjson);
        assert_eq!("md".parse::<OutputFormat>().expect("known"), OutputFormat::Markdown);
        let error = "jsn".parse::<OutputFormat>().expect_err("a slip");
        assert_eq!(error.hint_text(), Some("did you mean `json`?"));
        assert_eq!(OutputFormat::of_file(Path::new("x/a.PARQUET")), Some(OutputFormat::Parquet));
        assert_eq!(OutputFormat::of_file(Path::new("a.bin")), None);
    }
}
