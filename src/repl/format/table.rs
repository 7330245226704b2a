//! Tables of box-drawing characters. For a terminal they are cut to its width: first long texts, then the columns in
//! the middle; the caller announces what was cut.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::style::Style;
use super::cell::{Cells, Reader, escaped, is_number};
use super::{RowWriter, write_error};
use crate::engine::sql_type;
use crate::error::Result;

/// Texts are not cut to fewer columns of the screen than this; numbers and times not at all.
const TEXT_WIDTH_MIN: usize = 12;

/// Type names longer than this, as of structs, do not make their column wider.
const TYPE_WIDTH_MAX: usize = 24;

/// From so many rows on, a table that is written as it comes takes the widths of its columns.
const WIDTH_ROWS: usize = 10_000;

/// What of a table did not fit on the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::repl) struct Cut {
    /// Columns left out.
    pub(in crate::repl) columns: usize,
    /// Values that end in `…`.
    pub(in crate::repl) values: usize,
}

type Row = Vec<Option<String>>;

/// A table of the rows of `head` and, below a line of `⋮`, those of `tail`, at most `width` columns of the screen wide.
pub(in crate::repl) fn draw(
    schema: &SchemaRef,
    head: &[RecordBatch],
    tail: &[RecordBatch],
    width: usize,
    style: Style,
) -> Result<(String, Cut)> {
    let (above, below) = (rows(head)?, rows(tail)?);
    let columns = columns(schema, above.iter().chain(&below));
    let mut table = Table::fit(columns, width, style);
    let mut text = table.header();
    for row in &above {
        text.push_str(&table.row(row));
    }
    if !below.is_empty() {
        text.push_str(&table.gap());
    }
    for row in &below {
        text.push_str(&table.row(row));
    }
    text.push_str(&table.rule('└', '┴', '┘'));
    Ok((text, table.cut))
}

/// Writes a table as its rows come, whole.
pub(in crate::repl) struct TableRows<W> {
    out: W,
    schema: SchemaRef,
    style: Style,
    /// The rows that the widths are taken from; empty once they are written.
    first: Vec<RecordBatch>,
    first_rows: usize,
    table: Option<Table>,
}

impl<W: Write> TableRows<W> {
    pub(in crate::repl) fn new(schema: &SchemaRef, out: W, style: Style) -> Self {
        Self { out, schema: schema.clone(), style, first: Vec::new(), first_rows: 0, table: None }
    }

    /// Takes the widths and writes what was held back for it.
    fn begin(&mut self) -> Result<&mut Table> {
        let first = rows(&std::mem::take(&mut self.first))?;
        let mut table = Table::whole(columns(&self.schema, first.iter()), self.style);
        let mut text = table.header();
        text.extend(first.iter().map(|row| table.row(row)));
        self.out.write_all(text.as_bytes()).map_err(write_error)?;
        Ok(self.table.insert(table))
    }
}

impl<W: Write + Send> RowWriter for TableRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(table) = &mut self.table {
            let text: String = rows(std::slice::from_ref(batch))?.iter().map(|row| table.row(row)).collect();
            return self.out.write_all(text.as_bytes()).map_err(write_error);
        }
        self.first_rows += batch.num_rows();
        self.first.push(batch.clone());
        if self.first_rows >= WIDTH_ROWS {
            self.begin()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if self.table.is_none() {
            self.begin()?;
        }
        if let Some(table) = &self.table {
            self.out.write_all(table.rule('└', '┴', '┘').as_bytes()).map_err(write_error)?;
        }
        self.out.flush().map_err(write_error)
    }
}

fn rows(batches: &[RecordBatch]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for batch in batches {
        let cells = Cells::new(batch, Reader::Person)?;
        let escaped = |cell: Option<String>| cell.map(|cell| escaped(&cell));
        rows.extend((0..batch.num_rows()).map(|row| cells.row(row).map(escaped).collect::<Row>()));
    }
    Ok(rows)
}

/// A column as it could be drawn, with the width that its longest value needs.
struct Column {
    at: usize,
    name: String,
    type_name: String,
    is_number: bool,
    /// Whether a part of a value still says something.
    is_text: bool,
    width: usize,
}

impl Column {
    fn width_min(&self) -> usize {
        if self.is_text { self.width.min(TEXT_WIDTH_MIN) } else { self.width }
    }
}

fn columns<'a>(schema: &SchemaRef, rows: impl Iterator<Item = &'a Row>) -> Vec<Column> {
    let mut columns: Vec<Column> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let (name, type_name) = (escaped(field.name()), escaped(&sql_type(field.data_type())));
            let width = name.width().max(type_name.width().min(TYPE_WIDTH_MAX));
            let data_type = field.data_type();
            let is_text = !is_number(data_type) && !data_type.is_temporal() && data_type != &DataType::Boolean;
            Column { at, name, type_name, is_number: is_number(data_type), is_text, width }
        })
        .collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.width = column.width.max(cell.as_deref().map_or("NULL".len(), UnicodeWidthStr::width));
        }
    }
    columns
}

/// A table's columns with their final widths; none where columns are left out.
struct Table {
    columns: Vec<Option<Column>>,
    /// Whether values give way to the width; if not, a longer value than those before pushes its border out.
    is_fitted: bool,
    style: Style,
    cut: Cut,
}

impl Table {
    /// All columns in full width.
    fn whole(columns: Vec<Column>, style: Style) -> Self {
        Self { columns: columns.into_iter().map(Some).collect(), is_fitted: false, style, cut: Cut::default() }
    }

    /// The columns that fit into `width`, of those that do not all, as many from the left as from the right.
    fn fit(columns: Vec<Column>, width: usize, style: Style) -> Self {
        let count = columns.len();
        if let Some(widths) = share(&columns.iter().collect::<Vec<_>>(), width) {
            let columns = columns.into_iter().zip(widths).map(|(column, width)| Some(Column { width, ..column }));
            return Self { columns: columns.collect(), is_fitted: true, style, cut: Cut::default() };
        }
        let kept = |kept: usize| {
            let (left, right) = (kept.div_ceil(2), count - kept / 2);
            move |column: &Column| column.at < left || column.at >= right
        };
        let room = width.saturating_sub("… │ ".chars().count());
        let (shown, widths) = (1..count)
            .rev()
            .find_map(|shown| {
                let chosen: Vec<&Column> = columns.iter().filter(|column| kept(shown)(column)).collect();
                Some((shown, share(&chosen, room)?))
            })
            .unwrap_or_else(|| (1, vec![room.saturating_sub(4).max(1)]));
        let mut widths = widths.into_iter();
        let is_kept = kept(shown);
        let mut fitted: Vec<Option<Column>> = Vec::with_capacity(shown + 1);
        for column in columns {
            if is_kept(&column) {
                let width = widths.next().unwrap_or(column.width);
                fitted.push(Some(Column { width, ..column }));
            } else if fitted.last().is_some_and(Option::is_some) {
                fitted.push(None);
            }
        }
        Self { columns: fitted, is_fitted: true, style, cut: Cut { columns: count - shown, values: 0 } }
    }

    /// The top border, the names and the types.
    fn header(&self) -> String {
        let cells = |text: fn(&Column) -> &str, paint: fn(Style, &str) -> String| {
            self.line(|column| paint(self.style, &pad(&shorten(text(column), column.width).0, column)))
        };
        let names = cells(|column| &column.name, Style::bold);
        let types = cells(|column| &column.type_name, Style::dim);
        [self.rule('┌', '┬', '┐'), names, types, self.rule('├', '┼', '┤')].concat()
    }

    fn row(&mut self, row: &Row) -> String {
        let mut values_cut = 0;
        let line = self.line(|column| match &row[column.at] {
            None => self.style.dim(&pad("NULL", column)),
            Some(text) if !self.is_fitted => pad(text, column),
            Some(text) => {
                let (text, is_cut) = shorten(text, column.width);
                values_cut += usize::from(is_cut);
                pad(&text, column)
            }
        });
        self.cut.values += values_cut;
        line
    }

    /// The line in place of the rows that are left out.
    fn gap(&self) -> String {
        self.line(|column| self.style.dim(&pad("⋮", column)))
    }

    fn line(&self, mut cell: impl FnMut(&Column) -> String) -> String {
        let cells = self.columns.iter().map(|column| match column {
            Some(column) => cell(column),
            None => self.style.dim("…"),
        });
        format!("│ {} │\n", cells.collect::<Vec<_>>().join(" │ "))
    }

    fn rule(&self, left: char, middle: char, right: char) -> String {
        let cells = self.columns.iter().map(|column| "─".repeat(column.as_ref().map_or(1, |column| column.width) + 2));
        format!("{left}{}{right}\n", cells.collect::<Vec<_>>().join(&middle.to_string()))
    }
}

/// The widths of columns that share `width` with their borders: the widest give way first. None if there is no room.
fn share(columns: &[&Column], width: usize) -> Option<Vec<usize>> {
    let room = width.checked_sub(1 + 3 * columns.len())?;
    let widths = |limit: usize| columns.iter().map(move |column| column.width.min(limit).max(column.width_min()));
    let widest = columns.iter().map(|column| column.width).max().unwrap_or(0);
    if widths(widest).sum::<usize>() <= room {
        return Some(widths(widest).collect());
    }
    if widths(0).sum::<usize>() > room {
        return None;
    }
    // The largest limit that fits lies between one that does and one that does not.
    let (mut fits, mut too_wide) = (0, widest);
    while fits + 1 < too_wide {
        let limit = usize::midpoint(fits, too_wide);
        if widths(limit).sum::<usize>() <= room { fits = limit } else { too_wide = limit }
    }
    Some(widths(fits).collect())
}

/// The text, or as much of it as fits with a `…` behind it, and whether it was cut.
fn shorten(text: &str, width: usize) -> (String, bool) {
    if text.width() <= width {
        return (text.to_owned(), false);
    }
    let mut room = width.saturating_sub(1);
    let end = text.char_indices().find_map(|(at, c)| {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            return Some(at);
        }
        room -= wide;
        None
    });
    (format!("{}…", &text[..end.unwrap_or(text.len())]), true)
}

fn pad(text: &str, column: &Column) -> String {
    let blanks = " ".repeat(column.width.saturating_sub(text.width()));
    if column.is_number { blanks + text } else { text.to_owned() + &blanks }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::super::OutputFormat;
    use super::super::tests::{customers, written};
    use super::*;

    #[test]
    fn wide_characters_nulls_and_control_characters_keep_the_columns_straight() {
        insta::assert_snapshot!(written(OutputFormat::Table, &customers()), @r#"
        ┌────────┬────────────────────────┬───────────────┬────────┬─────────────────────────┐
        │     id │ name                   │         spent │  score │ seen_at                 │
        │ bigint │ varchar                │ decimal(18,2) │ double │ timestamp               │
        ├────────┼────────────────────────┼───────────────┼────────┼─────────────────────────┤
        │      1 │ 刘伟                   │       1234.50 │    0.5 │ 2026-01-01 00:00:00     │
        │      2 │ Ana "A"\n\u{1b}[31mPop │         -0.05 │   NULL │ NULL                    │
        │      3 │ NULL                   │          NULL │   -1.0 │ 1970-01-01 00:00:01.500 │
        └────────┴────────────────────────┴───────────────┴────────┴─────────────────────────┘
        "#);
    }

    #[test]
    fn long_texts_give_way_before_columns_do() {
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(Int64Array::from(vec![1_234_567_890_123])) as ArrayRef),
            ("note", Arc::new(StringArray::from(vec!["客户说很好 and then a long story about nothing much"]))),
            ("city", Arc::new(StringArray::from(vec!["Cluj"]))),
        ]);
        let batch = batch.expect("columns of one length");
        let (text, cut) = draw(&batch.schema(), &[batch], &[], 50, Style::plain()).expect("draws");
        assert_eq!(cut, Cut { columns: 0, values: 1 });
        insta::assert_snapshot!(text, @r"
        ┌───────────────┬──────────────────────┬─────────┐
        │            id │ note                 │ city    │
        │        bigint │ varchar              │ varchar │
        ├───────────────┼──────────────────────┼─────────┤
        │ 1234567890123 │ 客户说很好 and then… │ Cluj    │
        └───────────────┴──────────────────────┴─────────┘
        ");
    }

    #[test]
    fn columns_in_the_middle_are_left_out_and_counted() {
        let columns = (1..=9).map(|at| (format!("column_{at}"), Arc::new(Int64Array::from(vec![at, -at])) as ArrayRef));
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        let (text, cut) =
            draw(&batch.schema(), &[batch.slice(0, 1)], &[batch.slice(1, 1)], 50, Style::plain()).expect("draws");
        assert_eq!(cut, Cut { columns: 5, values: 0 });
        insta::assert_snapshot!(text, @r"
        ┌──────────┬──────────┬───┬──────────┬──────────┐
        │ column_1 │ column_2 │ … │ column_8 │ column_9 │
        │   bigint │   bigint │ … │   bigint │   bigint │
        ├──────────┼──────────┼───┼──────────┼──────────┤
        │        1 │        2 │ … │        8 │        9 │
        │        ⋮ │        ⋮ │ … │        ⋮ │        ⋮ │
        │       -1 │       -2 │ … │       -8 │       -9 │
        └──────────┴──────────┴───┴──────────┴──────────┘
        ");
        assert!(text.lines().all(|line| line.width() <= 50), "{text}");
    }

    #[test]
    fn a_screen_of_any_width_is_kept_to() {
        let batch = customers();
        for width in 30..120 {
            let (text, _) =
                draw(&batch.schema(), std::slice::from_ref(&batch), &[], width, Style::plain()).expect("draws");
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
        }
    }
}
