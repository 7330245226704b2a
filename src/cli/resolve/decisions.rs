//! What people decided about pairs of records, from a CSV file.

use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Decided;
use crate::land;

const COLUMNS: [&str; 3] = ["left_record", "right_record", "decision"];

/// The decisions, in the file's order.
///
/// # Errors
/// `Usage` when the file cannot be read, has not the columns, or says anything but `link` and `unlink`.
pub(super) fn read(path: &Path) -> Result<Vec<Decided>> {
    let wrong = |text: String| Error::new(Kind::Usage, text).with("file", path.display());
    let unreadable = |error: csv::Error| wrong("the decisions cannot be read".into()).source(error);
    let delimiter = land::delimiter_of(path).and_then(|delimiter| u8::try_from(delimiter).ok()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.trim(csv::Trim::All).delimiter(delimiter).from_path(path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let place = |name: &str| {
        // A byte order mark stands before the first name.
        let at = header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let hint = format!("the columns are {}", COLUMNS.join(", "));
        at.ok_or_else(|| wrong(format!("the decisions have no column `{name}`")).hint(hint))
    };
    let [left, right, decision] = [place(COLUMNS[0])?, place(COLUMNS[1])?, place(COLUMNS[2])?];
    let mut decided = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let text = |at: usize| row.get(at).unwrap_or_default();
        let one_person = match text(decision) {
            "link" => true,
            "unlink" => false,
            other => {
                let text = format!("`{}` is no decision", other.escape_debug());
                return Err(wrong(text).hint("it is `link` or `unlink`"));
            }
        };
        decided.push(Decided { left: text(left).to_owned(), right: text(right).to_owned(), one_person });
    }
    Ok(decided)
}
