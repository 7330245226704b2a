//! Charts as files of their own.

use std::path::Path;

use crate::chart::Svg;
use crate::error::{Error, Kind, Result};
use crate::repl::save_text;

/// How wide a chart is that stands alone.
pub(super) const SLIDE: f32 = 960.0;

/// Refuses a file whose name promises another format.
///
/// # Errors
/// `Usage` if it does.
pub(super) fn refuse_other_than_svg(file: &Path) -> Result<()> {
    if file.extension().is_some_and(|ending| ending == "svg") {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "a chart is written as SVG").with("file", file.display()).hint("end it in .svg"))
}

/// Writes the picture.
///
/// # Errors
/// As [`save_text`].
pub(super) fn save(picture: &Svg, file: &Path) -> Result<()> {
    save_text(&file.to_string_lossy(), &picture.alone())
}
