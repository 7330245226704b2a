//! Local files as tables: `FROM 'orders.parquet'`, `FROM '~/shop/*.csv'`.
//!
//! A name counts as a file if it has a known ending; a bare word is never one. Only sessions of a person at the machine
//! may see files: a server must not.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{DynamicFileCatalog, TableProvider, UrlTableFactory};
use datafusion::common::{Result, exec_datafusion_err, plan_datafusion_err, plan_err};
use datafusion::datasource::dynamic_file::DynamicListTableFactory;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::session_state::SessionState;
use datafusion::prelude::SessionContext;

use crate::error::nearest;

/// The endings of files that can be queried.
const ENDINGS: [&str; 6] = ["parquet", "csv", "tsv", "json", "ndjson", "jsonl"];

/// The endings of compressed files, which a source can land but a query cannot read.
const COMPRESSED: [&str; 5] = ["gz", "zst", "bz2", "xz", "zip"];

/// The context with local files as tables.
pub(super) fn enable(context: SessionContext) -> SessionContext {
    let factory = Arc::new(Files::default());
    let catalogs = Arc::clone(context.state_ref().read().catalog_list());
    let catalogs = DynamicFileCatalog::new(catalogs, Arc::clone(&factory) as Arc<dyn UrlTableFactory>);
    let context: SessionContext = context.into_state_builder().with_catalog_list(Arc::new(catalogs)).build().into();
    factory.session.session_store().with_state(context.state_weak_ref());
    context
}

/// Makes tables of files.
#[derive(Debug, Default)]
struct Files {
    /// Only for the way that it keeps the session without owning it.
    session: DynamicListTableFactory,
}

#[async_trait]
impl UrlTableFactory for Files {
    async fn try_new(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(ending) = ending(name)? else { return Ok(None) };
        if let Some((scheme, _)) = name.split_once("://") {
            return plan_err!("`{scheme}://` files cannot be queried; only local ones can");
        }
        let path = expand_home(name);
        let first = first_file(&path, name)?;
        let (format, suffix) = file_format(ending, &first)
            .map_err(|error| exec_datafusion_err!("cannot read `{}`: {error}", first.display()))?;
        let state = {
            let session = self.session.session_store().get_session().upgrade();
            let session = session.ok_or_else(|| plan_datafusion_err!("the session has ended"))?;
            let state = session.read().as_any().downcast_ref::<SessionState>().cloned();
            state.ok_or_else(|| plan_datafusion_err!("the session is of another kind"))?
        };
        let url = ListingTableUrl::parse(&path)?;
        let options = ListingOptions::new(format).with_file_extension(suffix);
        let config = ListingTableConfig::new(url).with_listing_options(options).infer_schema(&state).await?;
        Ok(Some(Arc::new(ListingTable::try_new(config)?)))
    }
}

/// The known ending of a file's name; none if it is not a file that can be queried.
fn ending(name: &str) -> Result<Option<&'static str>> {
    let lower = name.to_ascii_lowercase();
    let known = |name: &str| ENDINGS.into_iter().find(|ending| has_ending(name, ending));
    if let Some(packed) = COMPRESSED.into_iter().find(|ending| has_ending(&lower, ending)) {
        let unpacked = &lower[..lower.len() - packed.len() - 1];
        return match known(unpacked) {
            Some(_) => plan_err!("compressed files cannot be queried: `{name}` is one"),
            None => Ok(None),
        };
    }
    Ok(known(&lower))
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.') && stem.len() > 1)
}

/// A path that begins with `~/`, with the user's home in its place.
pub fn expand_home(path: &str) -> String {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest).display().to_string(),
        _ => path.to_owned(),
    }
}

/// The file at `path`, or the first that matches the pattern or lies in the folder `path`.
fn first_file(path: &str, name: &str) -> Result<PathBuf> {
    let is_pattern = path.contains(['*', '?', '[']) && !Path::new(path).exists();
    if is_pattern {
        let files = glob::glob(path).map_err(|error| plan_datafusion_err!("`{name}` is not a pattern: {error}"))?;
        return files.flatten().next().ok_or_else(|| plan_datafusion_err!("no file matches `{name}`"));
    }
    let file = Path::new(path);
    if file.is_dir() {
        let inside = glob::Pattern::escape(path);
        let mut files = glob::glob(&format!("{inside}/**/*.*")).into_iter().flatten().flatten();
        return files.find(|file| file.is_file()).ok_or_else(|| plan_datafusion_err!("the folder `{name}` is empty"));
    }
    if file.exists() {
        return Ok(file.to_owned());
    }
    if let Some(near) = similar_file(file) {
        return plan_err!("there is no file `{name}`\nnearest: {near}");
    }
    plan_err!("there is no file `{name}`")
}

/// The file in the same folder whose name is the nearest.
fn similar_file(file: &Path) -> Option<String> {
    let wanted = file.file_name()?.to_str()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> =
        folder.read_dir().ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

/// How to read a file, with the ending that the others of a folder must have.
fn file_format(ending: &str, file: &Path) -> std::io::Result<(Arc<dyn FileFormat>, String)> {
    let format: Arc<dyn FileFormat> = match ending {
        "parquet" => Arc::new(ParquetFormat::default()),
        "csv" | "tsv" => Arc::new(
            CsvFormat::default()
                .with_has_header(true)
                .with_delimiter(if ending == "tsv" { b'\t' } else { delimiter(file)? })
                // Slower, since the file is read by one thread, but a line break in a quoted field is not a new row.
                .with_newlines_in_values(true),
        ),
        "json" => Arc::new(JsonFormat::default().with_newline_delimited(first_character(file)? != Some(b'['))),
        _ => Arc::new(JsonFormat::default()),
    };
    let suffix = file.extension().map(|suffix| format!(".{}", suffix.to_string_lossy())).unwrap_or_default();
    Ok((format, suffix))
}

/// What its header line shows to stand between the fields.
fn delimiter(file: &Path) -> std::io::Result<u8> {
    let found = crate::delimiter::of_text(std::fs::File::open(file)?)?;
    Ok(found.and_then(|found| u8::try_from(found).ok()).unwrap_or(b','))
}

fn first_character(file: &Path) -> std::io::Result<Option<u8>> {
    let mut start = Vec::new();
    std::fs::File::open(file)?.take(4096).read_to_end(&mut start)?;
    Ok(start.into_iter().find(|byte| !byte.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use crate::engine::{Session, SessionOptions};
    use crate::project::Params;
    use datafusion::arrow::util::pretty::pretty_format_batches;

    async fn answer(sql: &str) -> Result<String, String> {
        let options = SessionOptions { files: true, ..SessionOptions::default() };
        let session = Session::new(&options).expect("a session");
        let plan = session.plan(sql, &Params::default()).await.map_err(|error| error.to_string())?;
        let batches = session.frame(plan).collect().await.map_err(|error| error.to_string())?;
        Ok(pretty_format_batches(&batches).expect("formats").to_string())
    }

    #[tokio::test]
    async fn delimiters_quoted_line_breaks_and_both_kinds_of_json_are_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("writes");
            path.display().to_string()
        };
        let semicolons = write("semicolons.csv", "name;spent\n\"Liu\nWei\";1,5\nAna;2\n");
        let tabs = write("tabs.tsv", "name\tspent\nLiu\t1\n");
        let array = write("array.json", "[{\"name\": \"Liu\"}, {\"name\": \"Ana\"}]");
        let lines = write("lines.ndjson", "{\"name\": \"Liu\"}\n{\"name\": \"Ana\"}\n");
        for (file, rows) in [(semicolons, 2), (tabs, 1), (array, 2), (lines, 2)] {
            let text = answer(&format!("SELECT count(*) AS n, min(name) AS first FROM '{file}'")).await.expect("reads");
            assert!(text.contains(&format!("| {rows} ")), "{file}: {text}");
        }
        let text = answer(&format!("SELECT * FROM '{}/*.json'", folder.path().display())).await.expect("a pattern");
        assert!(text.contains("Ana"), "{text}");
    }

    #[tokio::test]
    async fn a_missing_file_is_named_with_the_nearest() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("orders.csv"), "a\n1\n").expect("writes");
        let path = folder.path().display();
        let error = answer(&format!("SELECT * FROM '{path}/order.csv'")).await.expect_err("a slip");
        assert!(error.contains("did you mean `orders.csv`?"), "{error}");
        let error = answer(&format!("SELECT * FROM '{path}/*.parquet'")).await.expect_err("nothing there");
        assert!(error.contains("no file matches"), "{error}");
        let error = answer("SELECT * FROM 'orders.csv.gz'").await.expect_err("packed");
        assert!(error.contains("compressed files cannot be queried"), "{error}");
    }
}
