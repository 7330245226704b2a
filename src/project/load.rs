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
        for (name, source) in &config.sources {
            TableName::new("raw", name)?;
            check_place(name, source)?;
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

/// A source is files or a table of a database, not both and not neither.
fn check_place(name: &str, source: &Source) -> Result<()> {
    let wrong = |message: &str, hint: &str| {
        Err(Error::new(Kind::Config, message).with("key", format!("sources.{name}")).hint(hint))
    };
    let only_for_databases = [
        ("table", source.table.is_some()),
        ("query", source.query.is_some()),
        ("watermark", source.watermark.is_some()),
        ("password_env", source.password_env.is_some()),
        ("tls", source.tls.is_some()),
        ("tls_ca", source.tls_ca.is_some()),
    ];
    match (source.path.is_empty(), &source.url) {
        (true, None) => {
            wrong("the source has neither `path` nor `url`", "set `path` to its files, or `url` to a database")
        }
        (false, Some(_)) => wrong("the source has both `path` and `url`", "make two sources of it"),
        (false, None) => match only_for_databases.iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => wrong(&format!("`{key}` is for databases, and the source has no `url`"), "leave it out"),
            None => Ok(()),
        },
        (true, Some(_)) if source.table.is_some() == source.query.is_some() => {
            wrong("a database needs either `table` or `query`", "such as `table = \"customers\"`")
        }
        (true, Some(_)) => Ok(()),
    }
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
    fn the_least_project_has_defaults() {
        let config = parse("name = \"shop\"").expect("valid");
        assert_eq!((config.lake.as_str(), config.sources.len(), config.limits.memory_mb), ("lake", 0, 2048));
    }
}
