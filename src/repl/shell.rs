//! The shell: runs statements one after another and shows what they give.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::execution::context::SQLOptions;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement as Sql;

use super::file::{ResultFile, file_format};
use super::format::{OutputFormat, READER_GONE};
use super::names::Names;
use super::rows::{Kept, Rows, Workers};
use super::settings::Settings;
use super::show::{Fate, counted};
use super::statement::{Piece, Statement, classify, select_all, split};
use super::style::Style;
use crate::engine::{Session, explain, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::project::Params;

/// Where results go, and where all else goes.
type Out = Box<dyn Write + Send>;

/// A session of a person or of a script.
pub struct Shell {
    pub(super) session: Session,
    pub(super) params: Params,
    pub(super) settings: Settings,
    pub(super) names: Arc<Names>,
    pub(super) workers: Workers,
    /// Results: stdout.
    pub(super) out: Out,
    /// Notes, times and errors: stderr.
    pub(super) notes: Out,
    pub(super) format: OutputFormat,
    pub(super) is_expanded: bool,
    pub(super) has_timing: bool,
    /// The file that `\o` has named for the next result.
    pub(super) next_file: Option<String>,
    /// The file of `--output`, while a script runs.
    pub(super) script_file: Option<ScriptFile>,
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
pub(super) struct ScriptFile {
    pub(super) file: ResultFile,
    pub(super) results: usize,
    pub(super) rows: usize,
}

impl Shell {
    /// A shell on `session`. Results go to `out`, notes and a typing person's errors to `notes`.
    ///
    /// # Errors
    /// `Internal` when threads cannot be started.
    pub async fn new(session: Session, params: Params, settings: Settings, out: Out, notes: Out) -> Result<Self> {
        let names = Arc::new(Names::read(&session, &params, settings.dictionary.unmade()).await);
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
            let file = ResultFile::create(&target, &self.settings.about)?;
            self.script_file = Some(ScriptFile { file, results: 0, rows: 0 });
        }
        let outcome = self.run_pieces(script).await;
        // Whoever reads the output, such as `head`, may have enough of it.
        let outcome = match outcome {
            Err(error) if error.message() == READER_GONE => Ok(Flow::Go),
            outcome => outcome,
        };
        let file = self.script_file.take();
        outcome?;
        if let (Some(script), Some(path)) = (file, &self.settings.output) {
            let rows = counted(script.rows, "row");
            let note = format!("{rows} written to {} as {}", path.display(), self.format.name());
            script.file.finish()?;
            self.note(&note);
        }
        Ok(())
    }

    /// Runs what was typed or read, up to the first statement that fails.
    pub(super) async fn run_pieces(&mut self, script: &str) -> Result<Flow> {
        let pieces = split(script);
        for (at, (lines_before, piece)) in pieces.iter().enumerate() {
            let is_last = at + 1 == pieces.len();
            let keep = self.is_interactive || !is_last;
            let flow = tokio::select! {
                flow = self.run_piece(*piece, *lines_before, keep) => flow?,
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

    pub(super) async fn run_piece(&mut self, piece: Piece<'_>, lines_before: usize, keep: bool) -> Result<Flow> {
        match piece {
            Piece::Meta(line) => Box::pin(self.run_meta(line)).await,
            Piece::Sql(sql) => {
                // So that an error shows the line of the script and not of the statement.
                let sql = format!("{}{}", "\n".repeat(lines_before), select_all(sql));
                self.run_sql(&sql, keep).await.map(|()| Flow::Go)
            }
        }
    }

    async fn run_sql(&mut self, sql: &str, keep: bool) -> Result<()> {
        let started = Instant::now();
        match classify(self.session.context(), sql)? {
            Statement::Query(parsed) => {
                let is_select = matches!(&parsed, Parsed::Statement(sql) if matches!(sql.as_ref(), Sql::Query(_)));
                let rows = self.start(parsed, sql).await?;
                let fate = if keep && is_select { Fate::Kept } else { Fate::Dropped };
                self.show(rows, sql, started, fate).await
            }
            Statement::Describe(name) => {
                let batch = self.describe(&name).await?;
                self.show_batch(batch, started).await
            }
            Statement::Copy { query, target, format } => {
                let format = file_format(&target, format.as_deref())?;
                let rows = self.start(query, sql).await?;
                self.write_file(rows, sql, &target, format, started).await
            }
        }
    }

    /// Plans and starts a query.
    pub(super) async fn start(&self, parsed: Parsed, sql: &str) -> Result<Rows> {
        let plan = self.session.plan_statement(parsed, sql, &self.params).await;
        let plan = plan.map_err(|error| self.names.with_unmade(how_to_set(error)))?;
        let failed = |error| explain(self.session.context(), sql, &error);
        let only_reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        only_reads.verify_plan(&plan).map_err(failed)?;
        let physical = self.session.physical_plan(&plan).await?;
        Ok(Rows::start(&self.workers, &self.session, physical))
    }

    /// Keeps a result as the table `_`, if it is not too large.
    pub(super) async fn keep(&mut self, kept: Kept, rows: &Rows) -> Result<()> {
        let failed = |error| explain_without_sql(&error);
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
            self.names = Arc::new(Names::read(&self.session, &self.params, &self.names.unmade).await);
        }
        Ok(())
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
    pub(super) fn about(&self) -> String {
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
