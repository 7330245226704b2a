//! Results on the screen, in a pipe, in a file, and what is said about them.

use std::io::Write;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;

use super::file::ResultFile;
use super::format::{ExpandedRows, OutputFormat, RowWriter, draw, expanded, expanded_gap, write_error, writer};
use super::rows::{Ends, Kept, Rows};
use super::shell::Shell;
use super::style::Style;
use crate::engine::explain;
use crate::error::{Error, Kind, Result};

/// What becomes of a result once it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is the table `_`.
    Kept,
    /// It is forgotten.
    Dropped,
    /// It was not asked for in SQL but describes something; all of its rows are shown.
    Description,
}

/// How large a result was, and how much of it was shown.
#[derive(Debug, Default)]
struct Extent {
    rows: usize,
    rows_shown: usize,
    columns: usize,
    columns_shown: usize,
    values_cut: usize,
}

impl Shell {
    /// Shows a result where results go at the moment.
    pub(super) async fn show(&mut self, mut rows: Rows, sql: &str, started: Instant, fate: Fate) -> Result<()> {
        if let Some(target) = self.next_file.take() {
            let format = OutputFormat::of_file(target.as_ref()).unwrap_or(self.format);
            return self.write_file(rows, sql, &target, format, started).await;
        }
        let mut kept = (fate == Fate::Kept).then(Kept::default);
        let extent = match self.settings.screen.width() {
            Some(width) if self.script_file.is_none() && self.format == OutputFormat::Table => {
                Some(self.draw(&mut rows, sql, width, fate, &mut kept).await?)
            }
            _ => {
                self.stream(&mut rows, sql, &mut kept).await?;
                None
            }
        };
        self.out.flush().map_err(write_error)?;
        self.note_extent(extent.as_ref(), started);
        match kept {
            Some(kept) => self.keep(kept, &rows).await,
            None => Ok(()),
        }
    }

    /// Draws a result on a terminal, cut to its width.
    async fn draw(
        &mut self,
        rows: &mut Rows,
        sql: &str,
        width: usize,
        fate: Fate,
        kept: &mut Option<Kept>,
    ) -> Result<Extent> {
        let mut ends = Ends::new(if fate == Fate::Description { 0 } else { self.settings.rows_max });
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|error| explain(self.session.context(), sql, &error))?;
            ends.push(&batch);
            if let Some(kept) = kept {
                kept.push(&batch);
            }
        }
        let style = Style::new(self.settings.screen.colors);
        let (text, extent) = on_screen(&rows.schema, ends, width, self.is_expanded, style)?;
        self.out.write_all(text.as_bytes()).map_err(write_error)?;
        Ok(extent)
    }

    /// Writes a whole result as it comes, to the output or to the script's file.
    async fn stream(&mut self, rows: &mut Rows, sql: &str, kept: &mut Option<Kept>) -> Result<()> {
        let context = self.session.context();
        let failed = |error| explain(context, sql, &error);
        let mut nowhere = 0;
        let (out, count): (&mut (dyn Write + Send), _) = if let Some(script) = &mut self.script_file {
            script.results += 1;
            if script.results > 1 && self.format == OutputFormat::Parquet {
                return Err(Error::new(Kind::Usage, "a Parquet file holds one result, and the script has several")
                    .hint("write each with COPY (…) TO 'file.parquet'"));
            }
            (script.file.out(), &mut script.rows)
        } else {
            only_into_a_file(self.format)?;
            (&mut self.out, &mut nowhere)
        };
        *count += write_rows(rows, out, self.format, self.is_expanded, kept, failed).await?;
        Ok(())
    }

    /// Shows a table that describes something.
    pub(super) async fn show_batch(&mut self, batch: RecordBatch, started: Instant) -> Result<()> {
        self.show(Rows::of(batch), "", started, Fate::Description).await
    }

    /// Writes a result into a file of its own.
    pub(super) async fn write_file(
        &mut self,
        mut rows: Rows,
        sql: &str,
        target: &str,
        format: OutputFormat,
        started: Instant,
    ) -> Result<()> {
        let context = self.session.context();
        let mut file = ResultFile::create(target, &self.settings.about)?;
        let failed = |error| explain(context, sql, &error);
        let count = write_rows(&mut rows, file.out(), format, self.is_expanded, &mut None, failed).await?;
        file.finish()?;
        let time = if self.has_timing { format!(" ({})", seconds(started)) } else { String::new() };
        self.note(&format!("{} written to {target} as {}{time}", counted(count, "row"), format.name()));
        Ok(())
    }

    /// The line below a result: how many rows, what is not shown, how long it took.
    fn note_extent(&mut self, extent: Option<&Extent>, started: Instant) {
        let time = self.has_timing.then(|| seconds(started));
        let line = match (extent.map(|extent| extent.line(self.is_interactive)), time) {
            (Some(line), Some(time)) => format!("{line} ({time})"),
            (Some(line), None) => line,
            (None, Some(time)) => format!("({time})"),
            (None, None) => return,
        };
        self.note(&line);
    }
}

impl Extent {
    fn line(&self, is_interactive: bool) -> String {
        let part = |all: usize, shown: usize, one: &str| {
            let shown = if all == shown { String::new() } else { format!(" ({} shown)", thousands(shown)) };
            counted(all, one) + &shown
        };
        let mut parts = vec![part(self.rows, self.rows_shown, "row")];
        if self.columns_shown < self.columns {
            parts.push(part(self.columns, self.columns_shown, "column"));
        }
        if self.values_cut > 0 {
            parts.push(format!("{} cut", counted(self.values_cut, "value")));
        }
        let mut ways = Vec::new();
        if self.rows_shown < self.rows {
            ways.push(if is_interactive { "`\\maxrows 0` shows all rows" } else { "`--max-rows 0` shows all rows" });
        }
        if self.columns_shown < self.columns || self.values_cut > 0 {
            ways.push(if is_interactive { "`\\x` shows whole rows" } else { "`--format csv` shows whole rows" });
        }
        let ways = if ways.is_empty() { String::new() } else { format!("; {}", ways.join(", ")) };
        parts.join(", ") + &ways
    }
}

/// Writes a result as it comes, and says how many rows it had.
async fn write_rows(
    rows: &mut Rows,
    out: &mut (dyn Write + Send),
    format: OutputFormat,
    is_expanded: bool,
    kept: &mut Option<Kept>,
    failed: impl Fn(DataFusionError) -> Error,
) -> Result<usize> {
    let mut writer: Box<dyn RowWriter + '_> = if is_expanded && format == OutputFormat::Table {
        Box::new(ExpandedRows::new(out))
    } else {
        writer(format, &rows.schema, out)?
    };
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(&failed)?;
        count += batch.num_rows();
        writer.write(&batch)?;
        if let Some(kept) = kept {
            kept.push(&batch);
        }
    }
    writer.finish()?;
    Ok(count)
}

/// A result for a terminal.
fn on_screen(
    schema: &SchemaRef,
    ends: Ends,
    width: usize,
    is_expanded: bool,
    style: Style,
) -> Result<(String, Extent)> {
    let count = ends.rows;
    let (head, tail) = ends.finish();
    let length = |batches: &[RecordBatch]| batches.iter().map(RecordBatch::num_rows).sum::<usize>();
    let columns = schema.fields().len();
    let mut extent = Extent {
        rows: count,
        rows_shown: length(&head) + length(&tail),
        columns,
        columns_shown: columns,
        values_cut: 0,
    };
    if !is_expanded {
        let (text, cut) = draw(schema, &head, &tail, width, style)?;
        extent.columns_shown -= cut.columns;
        extent.values_cut = cut.values;
        return Ok((text, extent));
    }
    let mut text = String::new();
    let mut next = 1;
    for batch in &head {
        text.push_str(&expanded(batch, next, style)?);
        next += batch.num_rows();
    }
    if !tail.is_empty() {
        text.push_str(&expanded_gap(style));
        next = count - length(&tail) + 1;
    }
    for batch in &tail {
        text.push_str(&expanded(batch, next, style)?);
        next += batch.num_rows();
    }
    Ok((text, extent))
}

/// # Errors
/// `Usage` for Parquet, which is no format for a screen or a pipe.
pub(super) fn only_into_a_file(format: OutputFormat) -> Result<()> {
    if format == OutputFormat::Parquet {
        return Err(Error::new(Kind::Usage, "Parquet goes only into a file")
            .hint("`--output FILE.parquet`, `\\o FILE.parquet` or `COPY (…) TO 'FILE.parquet'`"));
    }
    Ok(())
}

fn seconds(started: Instant) -> String {
    format!("{:.3} s", started.elapsed().as_secs_f64())
}

/// `1 row`, `1,204 rows`.
pub(super) fn counted(count: usize, one: &str) -> String {
    format!("{} {one}{}", thousands(count), if count == 1 { "" } else { "s" })
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
