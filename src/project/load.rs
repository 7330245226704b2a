//! Reading a project from its folder, with errors that name the file, the line, the key and the nearest valid name.

use std::path::Path;
use std::str::FromStr;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{CONFIG_FILE, Config, Limits, Matching, Params, Project, Source, SqlFolder};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;

/// Less memory than this holds no query.
const MEMORY_MB_MIN: usize = 16;

impl Project {
    /// Reads the project in `root`.
    ///
    /// # Errors
    /// `Usage` when there is no project, `Config` when `onefold.toml` is wrong.
    pub fn open(root: &Path) -> Result<Self> {
        let file = root.join(CONFIG_FILE);
        let text = std::fs::read_to_string(&file).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                return Error::new(Kind::Usage, "this folder is not a project: it has no `onefold.toml`")
                    .with("folder", root.display())
                    .hint("`onefold init` makes one here, `onefold demo` makes a sample shop, `--project DIR` names another folder");
            }
            Error::new(Kind::Config, "cannot read `onefold.toml`").with("folder", root.display()).source(error)
        })?;
        let config: Config = text.parse()?;
        let params = Params::new(&config.params)?;
        let sql = SqlFolder::read(root)?;
        Ok(Self { root: root.to_owned(), config, params, sql })
    }
}

/// The text of an `onefold.toml`.
impl FromStr for Config {
    type Err = Error;

    /// # Errors
    /// `Config` when a key or a value is wrong, with the line where there is one; `Denied` for a source whose name cannot
    /// be a table's.
    fn from_str(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| explain(text, &error))?;
        let written: toml::Table = toml::from_str(text).map_err(|error| explain(text, &error))?;
        for (name, source) in &config.sources {
            TableName::new("raw", name)?;
            let keys = written.get("sources").and_then(|sources| sources.get(name));
            check_place(name, source, |key| keys.is_some_and(|keys| keys.get(key).is_some()))?;
            check_retention(name, source)?;
        }
        let wrong = |message: &str, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        if config.name.trim().is_empty() {
            return wrong(
                "`name` in `onefold.toml` is empty",
                "the lake belongs to the project of this name: give it one",
            );
        }
        if config.limits.threads == Some(0) {
            return wrong("`threads` under `[limits]` is 0", "leave it out to use all cores");
        }
        if config.limits.memory_mb < MEMORY_MB_MIN {
            let default = Limits::default().memory_mb;
            let hint = format!("`memory_mb` must be at least {MEMORY_MB_MIN}; the default is {default}");
            return wrong("`memory_mb` under `[limits]` is too small for any query", &hint);
        }
        let Matching { link_probability: link, review_probability: review, .. } = config.matching;
        if !(0.0 < review && review <= link && link <= 1.0) {
            return wrong(
                "`link_probability` and `review_probability` under `[match]` do not fit",
                "both are above 0 and at most 1, and `review_probability` is not above `link_probability`",
            );
        }
        Ok(config)
    }
}

/// Settings that only files have, and what to do about those that a database does not need.
const FOR_FILES: [(&str, &str); 8] = [
    ("format", "leave it out: a database has no format"),
    ("delimiter", "leave it out: a database has fields"),
    ("quote", "leave it out: a database has fields"),
    ("columns", "leave it out, or name the columns in `query`"),
    ("null_values", "leave it out, or write `nullif(column, 'n/a')` in `query`"),
    ("encoding", "leave it out: the database says how its texts are written"),
    ("keep", "leave it out: the rows of the last landing count, or with a `watermark` all that ever landed"),
    ("on_change", "leave it out: rows that changed replace the last ones, or with a `watermark` come on top of them"),
];

const FOR_DATABASES: [&str; 8] =
    ["table", "query", "watermark", "watermark_lag", "password_env", "tls", "tls_ca", "max_wait"];

const FOR_SERVERS: [&str; 3] = ["password_env", "tls", "tls_ca"];

/// A source is files or a table of a database, not both and not neither, and has no setting that cannot apply to it;
/// `is_set` knows which keys were written.
fn check_place(name: &str, source: &Source, is_set: impl Fn(&str) -> bool) -> Result<()> {
    let wrong = |message: &str, hint: &str| {
        Err(Error::new(Kind::Config, message).with("key", format!("sources.{name}")).hint(hint))
    };
    let useless = |key: &str, why: &str, hint: &str| {
        let error = Error::new(Kind::Config, format!("`{key}` is for {why}"));
        Err(error.with("key", format!("sources.{name}.{key}")).hint(hint))
    };
    let Some(url) = &source.url else {
        if source.path.is_empty() {
            return wrong("the source has neither `path` nor `url`", "set `path` to its files, or `url` to a database");
        }
        return match FOR_DATABASES.into_iter().find(|key| is_set(key)) {
            Some(key) => useless(key, "databases, and the source has no `url`", "leave it out"),
            None => Ok(()),
        };
    };
    if !source.path.is_empty() {
        return wrong("the source has both `path` and `url`", "make two sources of it");
    }
    if source.table.is_some() == source.query.is_some() {
        return wrong("a database needs either `table` or `query`", "such as `table = \"customers\"`");
    }
    if let Some((key, hint)) = FOR_FILES.into_iter().find(|(key, _)| is_set(key)) {
        return useless(key, "files, and the source is a database", hint);
    }
    if let Some(key) = FOR_SERVERS.into_iter().find(|key| url.starts_with("sqlite:") && is_set(key)) {
        return useless(key, "servers, and SQLite is a file", "leave it out");
    }
    if source.watermark_lag.is_some() && source.watermark.is_none() {
        return useless("watermark_lag", "a `watermark`, and the source has none", "leave it out, or set `watermark`");
    }
    if source.max_age.is_some() && source.watermark.is_none() {
        let why = "files, or for the newest row by a `watermark`, which the source does not have";
        return useless(
            "max_age",
            why,
            "set `watermark` to a column that says when a row was written, such as `updated_at`",
        );
    }
    Ok(())
}

/// What is to go after its time needs a time, and whole days of it: sums are by day.
fn check_retention(name: &str, source: &Source) -> Result<()> {
    let wrong = |key: &str, message: &str, hint: &str| {
        let error = Error::new(Kind::Config, message).with("key", format!("sources.{name}.{key}"));
        Err(error.hint(hint))
    };
    let Some(retain) = &source.retain else {
        let set = [("retain_by", source.retain_by.is_some()), ("retain_ends", !source.retain_ends.is_empty())];
        return match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => {
                let message = format!("`{key}` is for `retain`, and the source has none");
                wrong(key, &message, "leave it out, or say how long rows may be kept, such as `retain = \"400d\"`")
            }
            None => Ok(()),
        };
    };
    if retain.days().is_none() {
        let hint = "write it as `400d`: one day or more, and no more than 2147483647";
        return wrong("retain", "`retain` is not in whole days", hint);
    }
    if source.retain_by.is_none() {
        let hint = "name the time of a row, such as `retain_by = \"parse_timestamp(at, 'UTC')\"`";
        return wrong("retain", "`retain` needs `retain_by`: nobody knows how old a row is", hint);
    }
    if !source.key.is_empty() {
        let message = "`retain` is for sources of which all rows count, and this one has a `key`";
        return wrong("retain", message, "leave out one of them: the row that an old one supersedes would count again");
    }
    Ok(())
}

/// Shows the line with a caret and, for an unknown key, the nearest one.
fn explain(text: &str, error: &toml::de::Error) -> Error {
    let message = error.message().lines().next().unwrap_or("it is not valid TOML").to_owned();
    let mut explained = Error::new(Kind::Config, format!("`onefold.toml` is wrong: {message}"));
    if let Some(span) = error.span() {
        let line = 1 + text[..span.start.min(text.len())].matches('\n').count();
        explained = explained.with("line", line);
        let snippet = Snippet::source(text).path(CONFIG_FILE).annotation(AnnotationKind::Primary.span(span));
        let report = [Level::ERROR.primary_title("here").element(snippet)];
        let drawn = Renderer::plain().render(&report);
        // The first line only repeats the title.
        explained = explained.detail(drawn.lines().skip(1).collect::<Vec<_>>().join("\n"));
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    match quoted.next() {
        Some(unknown) if message.starts_with("unknown field") || message.starts_with("unknown variant") => {
            match nearest(unknown, quoted) {
                Some(name) => explained.hint(format!("did you mean `{name}`?")),
                None => explained.hint("`onefold init --schema` prints every key with its meaning"),
            }
        }
        _ => explained,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        text.parse()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
        let error =
            parse("name = \"shop\"\n\n[sources.crm]\npath = \"crm.csv\"\ndelimeter = \";\"\n").expect_err("a slip");
        assert_eq!(error.kind(), Kind::Config);
        let text = error.to_string();
        assert!(text.contains("line `5`"), "{text}");
        assert!(text.contains("delimeter = \";\""), "{text}");
        assert!(text.contains("did you mean `delimiter`?"), "{text}");
    }

    #[test]
    fn a_source_name_that_is_no_table_name_is_denied() {
        let error = parse("name = \"shop\"\n[sources.\"../crm\"]\npath = \"crm.csv\"\n").expect_err("a trick");
        assert_eq!(error.kind(), Kind::Denied);
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        for (text, says) in [
            ("name = \" \"", "`name` in `onefold.toml` is empty"),
            ("name = \"shop\"\n[limits]\nthreads = 0", "`threads` under `[limits]` is 0"),
            ("name = \"shop\"\n[limits]\nmemory_mb = 1", "too small"),
        ] {
            let error = parse(text).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_source_is_files_or_a_table() {
        let check = |source: &str, message: &str| {
            let error = parse(&format!("name = \"shop\"\n[sources.crm]\n{source}")).expect_err("wrong");
            assert_eq!((error.kind(), error.message()), (Kind::Config, message));
        };
        check("", "the source has neither `path` nor `url`");
        check("path = 'a.csv'\nurl = 'sqlite:a.db'", "the source has both `path` and `url`");
        check("path = 'a.csv'\ntable = 'a'", "`table` is for databases, and the source has no `url`");
        check("url = 'sqlite:a.db'", "a database needs either `table` or `query`");
        check("url = 'sqlite:a.db'\ntable = 'a'\nquery = 'SELECT 1'", "a database needs either `table` or `query`");
    }

    #[test]
    fn a_setting_that_cannot_apply_is_refused_by_name() {
        let refused = |source: &str, key: &str, message: &str| {
            let error = parse(&format!("name = \"shop\"\n[sources.crm]\n{source}")).expect_err("refused");
            assert_eq!((error.kind(), error.message()), (Kind::Config, message));
            assert!(error.to_string().contains(&format!("(key `sources.crm.{key}`)")), "{error}");
        };
        refused(
            "path = 'a.csv'\nmax_wait = '1m'",
            "max_wait",
            "`max_wait` is for databases, and the source has no `url`",
        );
        let database = "url = 'sqlite:a.db'\ntable = 'a'\n";
        // Also where it says what is the default for files.
        for setting in ["keep = 'all'", "on_change = 'stop'", "null_values = ['NULL']", "encoding = 'gbk'"] {
            let (key, _) = setting.split_once(' ').expect("a setting");
            let message = format!("`{key}` is for files, and the source is a database");
            refused(&format!("{database}{setting}"), key, &message);
        }
        refused(&format!("{database}tls = 'verify'"), "tls", "`tls` is for servers, and SQLite is a file");
        let message = "`watermark_lag` is for a `watermark`, and the source has none";
        refused(&format!("{database}watermark_lag = '1h'"), "watermark_lag", message);
        let message = "`max_age` is for files, or for the newest row by a `watermark`, which the source does not have";
        refused(&format!("{database}max_age = '36h'"), "max_age", message);
        let fits =
            "watermark = 'at'\nwatermark_lag = '1h'\nmax_age = '36h'\nmin_rows = 5\nkey = ['id']\nmax_wait = '1m'";
        parse(&format!("name = \"shop\"\n[sources.crm]\n{database}{fits}")).expect("fits");
    }

    #[test]
    fn what_is_to_go_needs_a_time_in_whole_days() {
        let read = |settings: &str| parse(&format!("name = \"shop\"\n[sources.clicks]\npath = 'a.csv'\n{settings}"));
        for (settings, message) in [
            ("retain = '36h'\nretain_by = 'at'", "`retain` is not in whole days"),
            ("retain = '0d'\nretain_by = 'at'", "`retain` is not in whole days"),
            ("retain = '9d'", "`retain` needs `retain_by`: nobody knows how old a row is"),
            ("retain_by = 'at'", "`retain_by` is for `retain`, and the source has none"),
            ("retain_ends = ['cookie']", "`retain_ends` is for `retain`, and the source has none"),
            (
                "retain = '9d'\nretain_by = 'at'\nkey = ['id']",
                "`retain` is for sources of which all rows count, and this one has a `key`",
            ),
        ] {
            let error = read(settings).expect_err(settings);
            assert_eq!((error.kind(), error.message()), (Kind::Config, message));
        }
        let config = read("retain = '48h'\nretain_by = 'at'\nretain_ends = ['cookie']").expect("fits");
        assert_eq!(config.sources["clicks"].retain.as_ref().and_then(crate::project::Span::days), Some(2));
    }

    #[test]
    fn the_least_project_has_defaults() {
        let config = parse("name = \"shop\"").expect("valid");
        assert_eq!((config.lake.as_str(), config.sources.len(), config.limits.memory_mb), ("lake", 0, 2048));
    }
}
