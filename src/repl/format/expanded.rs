//! Rows as lists of name and value, a line each: for rows with more columns than the screen is wide.

use datafusion::arrow::array::RecordBatch;
use unicode_width::UnicodeWidthStr;

use super::super::style::Style;
use super::cell::{Cells, Reader, escaped};
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
            text.push_str(&format!("{}{blanks} {} {cell}\n", style.bold(name), style.dim("│")));
        }
    }
    Ok(text)
}

/// The line in place of `rows` that are left out.
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
        insta::assert_snapshot!(text, @"");
    }
}
