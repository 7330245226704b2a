//! The shell: runs statements one after another and shows what they give.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::execution::context::SQLOptions;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement as Sql;

use super::describe;
use super::file::{ResultFile, file_format};
use super::format::{ExpandedRows, OutputFormat, RowWriter, draw, expanded, expanded_gap, write_error, writer};
use super::meta::{self, Meta};
use super::names::Names;
use super::rows::{Ends, Kept, Rows, Workers};
use super::settings::Settings;
use super::statement::{Piece, Statement, classify, split};
use super::style::Style;
use crate::engine::{Session, expand_home, explain};
use crate::error::{Error, Kind, Result};
use crate::project::{Params, Value};

/// Where results go, and where all else goes.
type Out = Box<dyn Write + Send>;

/// A session of a person or of a script.
pub struct Shell {
    pub(super) session: Session,
    pub(super) params: Params,
    pub(super) settings: Settings,
    pub(super) names: Arc<Names>,
    workers: Workers,
    /// Results: stdout.
    out: Out,
    /// Notes, times and errors: stderr.
    notes: Out,
    format: OutputFormat,
    is_expanded: bool,
    has_timing: bool,
    /// The file that `\o` has named for the next result.
    next_file: Option<String>,
    /// The file of `--output`, while a script runs.
    script_file: Option<ScriptFile>,
    /// Whether a person types.
    pub(super) is_interactive: bool,
}

/// Whether the shell goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    Quit,
}

/// The file that all results of a script go to.
struct ScriptFile {
    file: ResultFile,
    results: usize,
}

/// What was shown of a result.
#[derive(Debug, Default)]
struct Shown {
    rows: usize,
    rows_shown: usize,
    columns: usize,
    columns_shown: usize,
    values_cut: usize,
}

impl Shell {
    /// A shell on `session`. Results go to `out`, notes and a typing person's errors to `notes`.
    ///
    /// # Errors
    /// `Internal` when threads cannot be started.
    pub async fn new(session: Session, params: Params, settings: Settings, out: Out, notes: Out) -> Result<Self> {
        let names = Arc::new(Names::read(&session, &params).await);
        let format = settings.format.unwrap_or_default();
        let has_timing = settings.screen.is_terminal;
        Ok(Self {
            session,
            params,
            settings,
            names,
            workers: Workers::new()?,
            out,
            notes,
            format,
            is_expanded: false,
            has_timing,
            next_file: None,
            script_file: None,
            is_interactive: false,
        })
    }

    /// Runs statements that semicolons separate, and commands such as `\d` on lines of their own, up to the first that
    /// fails. With `--output`, the file appears only if all went well.
    ///
    /// # Errors
    /// The failed statement's: `Sql`, `Denied`, `Exhausted`, …; `Interrupted` on Ctrl-C.
    pub async fn run_script(&mut self, script: &str) -> Result<()> {
        if let Some(path) = &self.settings.output {
            let target = path.display().to_string();
            self.format = match self.settings.format {
                Some(format) => format,
                None => file_format(&target, None)?,
            };
            let file = ResultFile::create(&target, self.settings.about.lake_folder.as_deref())?;
            self.script_file = Some(ScriptFile { file, results: 0 });
        }
        let outcome = self.run_pieces(script).await;
        // Whoever reads the output, such as `head`, may have enough of it.
        let outcome = match outcome {
            Err(error) if error.kind() == Kind::Interrupted && error.message().contains("reader") => Ok(Flow::Go),
            outcome => outcome,
        };
        let file = self.script_file.take();
        outcome?;
        file.map_or(Ok(()), |script| script.file.finish())
    }

    /// Runs what was typed or read, up to the first statement that fails.
    pub(super) async fn run_pieces(&mut self, script: &str) -> Result<Flow> {
        let pieces = split(script);
        for (at, piece) in pieces.iter().enumerate() {
            let is_last = at + 1 == pieces.len();
            let keep = self.is_interactive || !is_last;
            let flow = tokio::select! {
                flow = self.run_piece(*piece, keep) => flow?,
                _ = tokio::signal::ctrl_c() => {
                    // The old threads may be in the midst of something long.
                    self.workers = Workers::new()?;
                    return Err(Error::new(Kind::Interrupted, "stopped"));
                }
            };
            if flow == Flow::Quit {
                return Ok(Flow::Quit);
            }
        }
        Ok(Flow::Go)
    }

    async fn run_piece(&mut self, piece: Piece<'_>, keep: bool) -> Result<Flow> {
        match piece {
            Piece::Meta(line) => Box::pin(self.run_meta(line)).await,
            Piece::Sql(sql) => self.run_sql(sql, keep).await.map(|()| Flow::Go),
        }
    }

    async fn run_sql(&mut self, sql: &str, keep: bool) -> Result<()> {
        let started = Instant::now();
        match classify(self.session.context(), sql)? {
            Statement::Query(parsed) => {
                let is_select = matches!(&parsed, Parsed::Statement(sql) if matches!(sql.as_ref(), Sql::Query(_)));
                let rows = self.start(parsed, sql).await?;
                self.show(rows, sql, started, keep && is_select).await
            }
            Statement::Describe(name) => {
                let batch = self.describe(&name).await?;
                self.show_batch(&batch, started)
            }
            Statement::Copy { query, target, format } => {
                let format = file_format(&target, format.as_deref())?;
                let rows = self.start(query, sql).await?;
                self.write_file(rows, sql, &target, format, started).await
            }
        }
    }

    /// Plans and starts a query.
    async fn start(&self, parsed: Parsed, sql: &str) -> Result<Rows> {
        let plan = self.session.plan_statement(parsed, sql, &self.params).await.map_err(how_to_set)?;
        let failed = |error| explain(self.session.context(), sql, &error);
        let only_reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        only_reads.verify_plan(&plan).map_err(failed)?;
        let physical = self.session.physical_plan(&plan).await?;
        Ok(Rows::start(&self.workers, &self.session, physical))
    }

    /// Shows a result where results go at the moment.
    async fn show(&mut self, mut rows: Rows, sql: &str, started: Instant, keep: bool) -> Result<()> {
        if let Some(target) = self.next_file.take() {
            let format = OutputFormat::of_file(target.as_ref()).unwrap_or(self.format);
            return self.write_file(rows, sql, &target, format, started).await;
        }
        let (format, is_expanded) = (self.format, self.is_expanded);
        let screen = self.settings.screen.width().filter(|_| format == OutputFormat::Table);
        let mut kept = keep.then(Kept::default);
        let context = self.session.context();
        let shown = if let Some(script) = &mut self.script_file {
            script.results += 1;
            if script.results > 1 && format == OutputFormat::Parquet {
                return Err(Error::new(Kind::Usage, "a Parquet file holds one result, and the script has several")
                    .hint("write each with COPY (…) TO 'file.parquet'"));
            }
            stream(&mut rows, script.file.out(), format, is_expanded, &mut kept, |error| explain(context, sql, &error))
                .await?;
            None
        } else if let Some(width) = screen {
            let mut ends = Ends::new(self.settings.rows_max);
            while let Some(batch) = rows.next().await {
                let batch = batch.map_err(|error| explain(context, sql, &error))?;
                ends.push(&batch);
                if let Some(kept) = &mut kept {
                    kept.push(&batch);
                }
            }
            let style = Style::new(self.settings.screen.colors);
            let (text, shown) = on_screen(&rows.schema, ends, width, is_expanded, style)?;
            self.out.write_all(text.as_bytes()).map_err(write_error)?;
            Some(shown)
        } else {
            only_into_a_file(format)?;
            stream(&mut rows, &mut self.out, format, is_expanded, &mut kept, |error| explain(context, sql, &error))
                .await?;
            None
        };
        self.out.flush().map_err(write_error)?;
        self.note_shown(shown.as_ref(), started);
        match kept {
            Some(kept) => self.keep(kept, &rows).await,
            None => Ok(()),
        }
    }

    /// Shows a table that describes something.
    fn show_batch(&mut self, batch: &RecordBatch, started: Instant) -> Result<()> {
        only_into_a_file(self.format)?;
        let shown = match self.settings.screen.width().filter(|_| self.format == OutputFormat::Table) {
            Some(width) => {
                let style = Style::new(self.settings.screen.colors);
                let mut ends = Ends::new(0);
                ends.push(batch);
                let (text, shown) = on_screen(&batch.schema(), ends, width, self.is_expanded, style)?;
                self.out.write_all(text.as_bytes()).map_err(write_error)?;
                Some(shown)
            }
            None => {
                let mut rows = writer(self.format, &batch.schema(), &mut self.out)?;
                rows.write(batch)?;
                rows.finish()?;
                None
            }
        };
        self.out.flush().map_err(write_error)?;
        self.note_shown(shown.as_ref(), started);
        Ok(())
    }

    /// Writes a result into a file of its own.
    async fn write_file(
        &mut self,
        mut rows: Rows,
        sql: &str,
        target: &str,
        format: OutputFormat,
        started: Instant,
    ) -> Result<()> {
        let context = self.session.context();
        let mut file = ResultFile::create(target, self.settings.about.lake_folder.as_deref())?;
        let failed = |error| explain(context, sql, &error);
        let count = stream(&mut rows, file.out(), format, self.is_expanded, &mut None, failed).await?;
        file.finish()?;
        let time = if self.has_timing { format!(" ({})", seconds(started)) } else { String::new() };
        self.note(&format!("{} written to {target} as {}{time}", counted(count, "row"), format.name()));
        Ok(())
    }

    /// Keeps a result as the table `_`, if it is not too large.
    async fn keep(&mut self, kept: Kept, rows: &Rows) -> Result<()> {
        let failed = |error| crate::engine::explain_without_sql(&error);
        let name = || TableReference::partial("public", "_");
        let context = self.session.context();
        let before = context.deregister_table(name()).map_err(failed)?;
        if kept.is_too_large {
            self.note("the result is too large to be kept as `_`");
        } else {
            let table = MemTable::try_new(Arc::clone(&rows.schema), vec![kept.batches]).map_err(failed)?;
            context.register_table(name(), Arc::new(table)).map_err(failed)?;
        }
        if self.is_interactive || before.is_none() {
            self.names = Arc::new(Names::read(&self.session, &self.params).await);
        }
        Ok(())
    }

    async fn run_meta(&mut self, line: &str) -> Result<Flow> {
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
                self.show_batch(&batch, started)?;
            }
            Meta::Functions(text) => self.show_functions(text.as_deref(), started)?,
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
            Meta::Params => self.show_batch(&describe::params(&self.params)?, started)?,
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
        for piece in pieces {
            if self.run_piece(piece, true).await? == Flow::Quit {
                return Ok(Flow::Quit);
            }
        }
        Ok(Flow::Go)
    }

    async fn describe(&mut self, name: &str) -> Result<RecordBatch> {
        let dictionary = self.settings.dictionary.as_ref();
        let comment = self.names.table(name).and_then(|table| dictionary.table(&table.full())).map(ToOwned::to_owned);
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
        self.show_batch(&batch, started)
    }

    fn show_functions(&mut self, text: Option<&str>, started: Instant) -> Result<()> {
        let batch = describe::functions(&self.session, text)?;
        if self.format != OutputFormat::Table || self.is_expanded {
            return self.show_batch(&batch, started);
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

    /// What the session is open on, in a few words.
    pub(super) fn about_briefly(&self) -> String {
        let about = &self.settings.about;
        let Some(project) = &about.project else { return "no project: `FROM 'file.parquet'` reads files".into() };
        let run = about.run.map_or_else(|| ", nothing has run yet".to_owned(), |run| format!(", run {run}"));
        let as_of = about.as_of.as_ref().map(|date| format!(", as of {date}")).unwrap_or_default();
        format!("{project}{run}{as_of}")
    }

    /// What the session is open on.
    fn about(&self) -> String {
        let about = &self.settings.about;
        let mut text = self.about_briefly();
        if let Some(at) = &about.committed_at {
            let to_seconds = at.split('.').next().unwrap_or(at).trim_end_matches('Z').replace('T', " ");
            text.push_str(&format!(", committed at {to_seconds} UTC"));
        }
        if let Some(lake) = &about.lake {
            text.push_str(&format!(", lake {lake}"));
        }
        text
    }

    /// Says something that is not data.
    pub(super) fn note(&mut self, text: &str) {
        let text = Style::new(self.settings.screen.note_colors).dim(text);
        // There is no one to tell that nothing can be told.
        let _ = writeln!(self.notes, "{text}").and_then(|()| self.notes.flush());
    }

    /// Shows an error to the person who types.
    pub(super) fn show_error(&mut self, error: &Error) {
        let style = Style::new(self.settings.screen.note_colors);
        let text = format!("{} {error}", style.error("error:"));
        let text = text.replacen("\nhint:", &format!("\n{}", style.hint("hint:")), 1);
        let _ = writeln!(self.notes, "{text}").and_then(|()| self.notes.flush());
    }

    /// The line below a result: how many rows, what is not shown, how long it took.
    fn note_shown(&mut self, shown: Option<&Shown>, started: Instant) {
        let time = self.has_timing.then(|| seconds(started));
        let line = match (shown.map(|shown| shown.line(self.is_interactive)), time) {
            (Some(line), Some(time)) => format!("{line} ({time})"),
            (Some(line), None) => line,
            (None, Some(time)) => format!("({time})"),
            (None, None) => return,
        };
        self.note(&line);
    }
}

impl Shown {
    fn line(&self, is_interactive: bool) -> String {
        let part = |all: usize, shown: usize, one: &str| match all == shown {
            true => counted(all, one),
            false => format!("{} ({} shown)", counted(all, one), thousands(shown)),
        };
        let mut parts = vec![part(self.rows, self.rows_shown, "row")];
        if self.columns_shown < self.columns {
            parts.push(part(self.columns, self.columns_shown, "column"));
        }
        if self.values_cut > 0 {
            parts.push(format!("{} cut", counted(self.values_cut, "value")));
        }
        let mut ways = Vec::new();
        if self.rows_shown < self.rows {
            ways.push(if is_interactive { "`\\maxrows 0` shows all rows" } else { "`--max-rows 0` shows all rows" });
        }
        if self.columns_shown < self.columns || self.values_cut > 0 {
            ways.push(if is_interactive { "`\\x` shows whole rows" } else { "`--format csv` shows whole rows" });
        }
        let ways = if ways.is_empty() { String::new() } else { format!("; {}", ways.join(", ")) };
        parts.join(", ") + &ways
    }
}

/// Writes a result as it comes, and says how many rows it had.
async fn stream(
    rows: &mut Rows,
    out: &mut (dyn Write + Send),
    format: OutputFormat,
    is_expanded: bool,
    kept: &mut Option<Kept>,
    failed: impl Fn(datafusion::common::DataFusionError) -> Error,
) -> Result<usize> {
    let mut writer: Box<dyn RowWriter + '_> = if is_expanded && format == OutputFormat::Table {
        Box::new(ExpandedRows::new(out))
    } else {
        writer(format, &rows.schema, out)?
    };
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(&failed)?;
        count += batch.num_rows();
        writer.write(&batch)?;
        if let Some(kept) = kept {
            kept.push(&batch);
        }
    }
    writer.finish()?;
    Ok(count)
}

/// A result for a terminal.
fn on_screen(schema: &SchemaRef, ends: Ends, width: usize, is_expanded: bool, style: Style) -> Result<(String, Shown)> {
    let count = ends.rows;
    let (head, tail) = ends.finish();
    let length = |batches: &[RecordBatch]| batches.iter().map(RecordBatch::num_rows).sum::<usize>();
    let columns = schema.fields().len();
    let mut shown = Shown {
        rows: count,
        rows_shown: length(&head) + length(&tail),
        columns,
        columns_shown: columns,
        values_cut: 0,
    };
    if !is_expanded {
        let (text, cut) = draw(schema, &head, &tail, width, style)?;
        shown.columns_shown -= cut.columns;
        shown.values_cut = cut.values;
        return Ok((text, shown));
    }
    let mut text = String::new();
    let mut next = 1;
    for batch in &head {
        text.push_str(&expanded(batch, next, style)?);
        next += batch.num_rows();
    }
    if !tail.is_empty() {
        text.push_str(&expanded_gap(style));
        next = count - length(&tail) + 1;
    }
    for batch in &tail {
        text.push_str(&expanded(batch, next, style)?);
        next += batch.num_rows();
    }
    Ok((text, shown))
}

/// The error of a parameter without a value, with what one does about it here.
fn how_to_set(error: Error) -> Error {
    match error.message().strip_prefix("parameter `$").and_then(|rest| rest.strip_suffix("` has no value")) {
        Some(name) => {
            let near = error.hint_text().and_then(|hint| hint.strip_prefix("did you mean `")?.split('`').next());
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            Error::new(Kind::Usage, error.message()).hint(format!("{near}`\\set {name} VALUE` gives it one"))
        }
        None => error,
    }
}

/// # Errors
/// `Usage` for Parquet, which is no format for a screen or a pipe.
fn only_into_a_file(format: OutputFormat) -> Result<()> {
    if format == OutputFormat::Parquet {
        return Err(Error::new(Kind::Usage, "Parquet goes only into a file")
            .hint("`--output FILE.parquet`, `\\o FILE.parquet` or `COPY (…) TO 'FILE.parquet'`"));
    }
    Ok(())
}

fn seconds(started: Instant) -> String {
    format!("{:.3} s", started.elapsed().as_secs_f64())
}

/// `1 row`, `1,204 rows`.
fn counted(count: usize, one: &str) -> String {
    format!("{} {one}{}", thousands(count), if count == 1 { "" } else { "s" })
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
