//! The sample shop's project: `onefold.toml` and the SQL that maps its sources, as they lie in `data/shop/`.

use include_dir::{Dir, include_dir};

static CONFIG: &str = include_str!("../../data/shop/onefold.toml");
static SQL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/shop/sql");

/// The project's files: path below its folder, with forward slashes, and text; in the order of their paths.
pub(super) fn files() -> Vec<(String, &'static str)> {
    fn add(dir: &'static Dir<'static>, files: &mut Vec<(String, &'static str)>) {
        for file in dir.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            files.push((format!("sql/{path}"), file.contents_utf8().expect("our SQL is UTF-8")));
        }
        dir.dirs().for_each(|dir| add(dir, files));
    }
    let mut files = vec![("onefold.toml".to_owned(), CONFIG)];
    add(&SQL, &mut files);
    files.sort_unstable();
    files
}
