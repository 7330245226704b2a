//! The sample shop's project: `onefold.toml` and the SQL that maps its sources, as they lie in `data/shop/`.

use include_dir::{Dir, include_dir};
use jiff::civil::Date;

/// The line of the sample's `onefold.toml` that the shop's own date replaces.
const AS_OF: &str = "as_of = 2026-06-30";

static CONFIG: &str = include_str!("../../data/shop/onefold.toml");
static SQL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/shop/sql");

/// The project's files: path below its folder, with forward slashes, and text; in the order of their paths.
/// `as_of` takes the place of the sample's.
pub(super) fn files(as_of: Date) -> Vec<(String, String)> {
    fn add(dir: &'static Dir<'static>, files: &mut Vec<(String, String)>) {
        for file in dir.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            files.push((format!("sql/{path}"), file.contents_utf8().expect("our SQL is UTF-8").to_owned()));
        }
        dir.dirs().for_each(|dir| add(dir, files));
    }
    let mut files = vec![("onefold.toml".to_owned(), CONFIG.replace(AS_OF, &format!("as_of = {as_of}")))];
    add(&SQL, &mut files);
    files.sort_unstable();
    files
}
