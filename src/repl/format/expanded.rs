//! Rows as lists of name and value, a line each: for rows with more columns than the screen is wide.

use std::fmt::Write as _;
use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use unicode_width::UnicodeWidthStr;

use super::super::style::Style;
use super::cell::{Cells, Reader, escaped};
use super::{RowWriter, write_error};
use crate::error::Result;

/// The rows of `batch`, of which the first is number `first`. Nothing is cut.
pub(in crate::repl) fn expanded(batch: &RecordBatch, first: usize, style: Style) -> Result<String> {
    let schema = batch.schema();
    let names: Vec<String> = schema.fields().iter().map(|field| escaped(field.name())).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let cells = Cells::new(batch, Reader::Person)?;
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        let title = format!("─[ {} ]", first + row);
        let rule = "─".repeat((width + 1).saturating_sub(title.width()));
        text.push_str(&style.dim(&format!("{title}{rule}┬─")));
        text.push('\n');
        for (name, cell) in names.iter().zip(cells.row(row)) {
            let blanks = " ".repeat(width - name.width());
            let cell = cell.map_or_else(|| style.dim("NULL"), |cell| escaped(&cell));
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}{blanks} {} {cell}", style.bold(name), style.dim("│"));
        }
    }
    Ok(text)
}

/// Writes rows as lists as they come.
pub(in crate::repl) struct ExpandedRows<W> {
    out: W,
    rows: usize,
}

impl<W: Write> ExpandedRows<W> {
    pub(in crate::repl) fn new(out: W) -> Self {
        Self { out, rows: 0 }
    }
}

impl<W: Write + Send> RowWriter for ExpandedRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let text = expanded(batch, self.rows + 1, Style::plain())?;
        self.rows += batch.num_rows();
        self.out.write_all(text.as_bytes()).map_err(write_error)
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(write_error)
    }
}

/// The line in place of the rows that are left out.
pub(in crate::repl) fn expanded_gap(style: Style) -> String {
    style.dim("⋮") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::tests::customers;
    use super::*;

    #[test]
    fn a_row_is_a_list() {
        let text = expanded(&customers().slice(1, 1), 2, Style::plain()).expect("draws");
        insta::assert_snapshot!(text, @r#"
        ─[ 2 ]──┬─
        id      │ 2
        name    │ Ana "A"\n\u{1b}[31mPop
        spent   │ -0.05
        score   │ NULL
        seen_at │ NULL
        "#);
    }
}
