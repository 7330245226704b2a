//! What the shell's own commands do.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;

use super::describe;
use super::format::{OutputFormat, write_error};
use super::meta::{self, Meta};
use super::names::Names;
use super::shell::{Flow, Shell};
use super::show::{counted, only_into_a_file};
use super::statement::split;
use super::style::Style;
use crate::engine::expand_home;
use crate::error::{Error, Kind, Result};
use crate::project::Value;

impl Shell {
    pub(super) async fn run_meta(&mut self, line: &str) -> Result<Flow> {
        let started = Instant::now();
        match meta::parse(line)? {
            Meta::Quit => return Ok(Flow::Quit),
            Meta::Help => self.help()?,
            Meta::Tables => self.show_tables(None, started).await?,
            Meta::Segments => self.show_tables(Some("segment"), started).await?,
            Meta::Columns(schema) if self.names.schemas().contains(&schema.as_str()) => {
                self.show_tables(Some(&schema), started).await?;
            }
            Meta::Columns(name) => {
                let batch = self.describe(&name).await?;
                self.show_batch(batch, started).await?;
            }
            Meta::Functions(text) => self.show_functions(text.as_deref(), started).await?,
            Meta::Timing(on) => {
                self.has_timing = on.unwrap_or(!self.has_timing);
                self.note(if self.has_timing { "times are shown" } else { "times are not shown" });
            }
            Meta::Expanded(on) => {
                self.is_expanded = on.unwrap_or(!self.is_expanded);
                self.note(if self.is_expanded { "rows are shown as lists" } else { "rows are shown as a table" });
            }
            Meta::Format(Some(OutputFormat::Parquet)) => only_into_a_file(OutputFormat::Parquet)?,
            Meta::Format(format) => {
                self.format = format.unwrap_or(self.format);
                self.note(&format!("results are shown as {}", self.format.name()));
            }
            Meta::RowsMax(rows) => {
                self.settings.rows_max = rows.unwrap_or(self.settings.rows_max);
                self.note(&match self.settings.rows_max {
                    0 => "tables show all rows".to_owned(),
                    rows => format!("tables show {}", counted(rows, "row")),
                });
            }
            Meta::Output(file) => {
                self.note(&match &file {
                    Some(file) => format!("the next result goes to {file}"),
                    None => "results are shown here".to_owned(),
                });
                self.next_file = file;
            }
            Meta::Params => self.show_batch(describe::params(&self.params)?, started).await?,
            Meta::Set(name, value) => self.set(&name, &value)?,
            Meta::Run => self.note(&self.about()),
            Meta::Include(file) => return self.include(&file).await,
        }
        Ok(Flow::Go)
    }

    async fn include(&mut self, file: &str) -> Result<Flow> {
        let path = PathBuf::from(expand_home(file));
        let script = std::fs::read_to_string(&path)
            .map_err(|error| Error::new(Kind::Usage, "cannot read the file").with("file", file).source(error))?;
        let pieces = split(&script);
        for (lines_before, piece) in pieces {
            let flow = self.run_piece(piece, lines_before, true).await.map_err(|error| error.with("script", file))?;
            if flow == Flow::Quit {
                return Ok(Flow::Quit);
            }
        }
        Ok(Flow::Go)
    }

    pub(super) async fn describe(&mut self, name: &str) -> Result<RecordBatch> {
        let dictionary = self.settings.dictionary.as_ref();
        let comment = match (self.names.table(name), self.names.unmade(name)) {
            (Some(table), _) => dictionary.table(&table.full()).map(ToOwned::to_owned),
            (None, Some(table)) => {
                let comment = dictionary.table(&table.name.to_string()).map(|comment| format!("{comment} "));
                Some(format!("{}It has not been made yet: {}", comment.unwrap_or_default(), table.how))
            }
            (None, None) => None,
        };
        let batch = describe::columns(&self.session, &self.names, dictionary, name).await?;
        if let Some(comment) = comment {
            self.note(&comment);
        }
        Ok(batch)
    }

    async fn show_tables(&mut self, schema: Option<&str>, started: Instant) -> Result<()> {
        let batch = describe::tables(&self.session, &self.names, self.settings.dictionary.as_ref(), schema).await?;
        if batch.num_rows() == 0 {
            self.note(match schema {
                Some(_) => "there are none yet; each segment is a query in `sql/segment/NAME.sql`",
                None => "there are no tables yet: `onefold refresh` makes them",
            });
            return Ok(());
        }
        self.show_batch(batch, started).await
    }

    async fn show_functions(&mut self, text: Option<&str>, started: Instant) -> Result<()> {
        if self.format != OutputFormat::Table || self.is_expanded || self.script_file.is_some() {
            let batch = describe::functions(&self.session, text)?;
            return self.show_batch(batch, started).await;
        }
        let style = Style::new(self.settings.screen.colors);
        let width = self.settings.screen.width().unwrap_or(100);
        let page = describe::function_page(&self.session, text, width, style);
        self.out.write_all(page.as_bytes()).and_then(|()| self.out.flush()).map_err(write_error)
    }

    /// Gives a parameter a value of the type that it has, or of the one that the value looks like.
    fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let bare = text.trim_matches('\'');
        let guess = || {
            let date = bare.parse().ok().map(Value::Date);
            let number = || text.parse().ok().map(Value::Integer).or_else(|| text.parse().ok().map(Value::Number));
            date.or_else(number).or_else(|| text.parse().ok().map(Value::Boolean))
        };
        let value = match self.params.get(name) {
            None => Some(guess().unwrap_or_else(|| Value::Text(bare.to_owned()))),
            Some(Value::Text(_)) => Some(Value::Text(bare.to_owned())),
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Number(_)) => text.parse().ok().map(Value::Number),
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Date(_)) => bare.parse().ok().map(Value::Date),
        };
        let Some(value) = value else {
            let example = self.params.get(name).map(ToString::to_string).unwrap_or_default();
            return Err(Error::new(Kind::Usage, format!("`{text}` does not fit the parameter `${name}`"))
                .hint(format!("its value is {example} at the moment")));
        };
        self.note(&format!("${name} is {value}"));
        self.params.set(name, value);
        let mut names = Names::clone(&self.names);
        names.params = self.params.iter().map(|(name, _)| name.to_owned()).collect();
        self.names = Arc::new(names);
        Ok(())
    }

    fn help(&mut self) -> Result<()> {
        let style = Style::new(self.settings.screen.colors);
        let mut text = String::new();
        for (name, argument, what) in meta::COMMANDS {
            let blanks = " ".repeat(20_usize.saturating_sub(name.len() + argument.len() + 1));
            text.push_str(&format!("  {} {argument}{blanks}{what}\n", style.bold(name)));
        }
        text.push_str(
            "\nSQL ends with `;`. `_` is the last result: SELECT * FROM _;\n\
             Files are tables too: SELECT * FROM 'orders.parquet';\n\
             COPY (SELECT …) TO 'file.csv' writes a file. Ctrl-C stops a query. Tab completes.\n",
        );
        self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).map_err(write_error)
    }
}
