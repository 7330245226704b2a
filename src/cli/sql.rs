//! `sql`: the shell, or one script. Without a project it reads files.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::Global;
use super::context::Context;
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::Snapshot;
use crate::pipeline::{Contract, Pipeline};
use crate::project::{CONFIG_FILE, Params};
use crate::repl::{About, Dictionary, OutputFormat, Screen, Settings, Shell, history_file};

/// Ask in SQL: a shell, or statements from the command line or a file. It only reads.
///
/// In a project's folder it opens on the newest run; without a project, `FROM 'file.parquet'` reads files. Results go to
/// stdout, all else to stderr. On a terminal a table shows at most --max-rows rows and says so; a pipe, a file and every
/// other format get all of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Run these statements and quit; `;` separates them.
    #[arg(short = 'c', long, value_name = "SQL", conflicts_with = "file")]
    command: Option<String>,
    /// Run the statements of a file and quit; `-` reads stdin.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How results look. Default: what the ending of --output asks for, else a table.
    #[arg(long, value_enum, ignore_case = true, value_name = "FORMAT")]
    format: Option<OutputFormat>,
    /// Write the results to a file, in place of one that may be there; only if every statement succeeds.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
    /// How many rows a table on a terminal shows; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 40)]
    max_rows: usize,
}

const EXAMPLES: &str = "\
Examples:
  onefold sql
  onefold sql -c 'SELECT * FROM segment.lapsed_high_value' --format csv > lapsed.csv
  onefold sql -f report.sql --output report.parquet
  onefold sql -c \"SELECT country, count(*) AS n FROM 'orders.parquet' GROUP BY country\"
  onefold sql -c '\\d profile.customers'";

pub(super) async fn run(global: &Global, args: Args) -> Result<()> {
    let script = script(&args)?;
    let is_interactive = script.is_none();
    let format = args.format.or(global.json.then_some(OutputFormat::Json));
    let desk = Desk::open(global, args.run).await?;
    let settings = Settings {
        format,
        output: args.output,
        rows_max: args.max_rows,
        screen: Screen::detect(),
        about: desk.about,
        dictionary: Box::new(desk.meaning),
        history: is_interactive.then(history_file).flatten(),
    };
    let (out, notes) = (Box::new(std::io::stdout()), Box::new(std::io::stderr()));
    let mut shell = Shell::new(desk.session, desk.params, settings, out, notes).await?;
    match script {
        Some(script) => shell.run_script(&script).await,
        None => shell.interactive().await,
    }
}

/// The statements to run; none to read them from a person.
fn script(args: &Args) -> Result<Option<String>> {
    if let Some(command) = &args.command {
        return Ok(Some(command.clone()));
    }
    let from_stdin = match &args.file {
        Some(file) => file == Path::new("-"),
        None => !std::io::stdin().is_terminal(),
    };
    if from_stdin {
        let mut script = String::new();
        std::io::stdin().read_to_string(&mut script).map_err(|error| unreadable(Path::new("-"), error))?;
        return Ok(Some(script));
    }
    let Some(file) = &args.file else { return Ok(None) };
    std::fs::read_to_string(file).map(Some).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Usage, "cannot read the statements").with("file", file.display()).source(error)
}

/// What a shell is opened on.
struct Desk {
    session: Session,
    params: Params,
    about: About,
    meaning: Meaning,
}

impl Desk {
    /// The project that the global options name, or none if there is none here.
    async fn open(global: &Global, run: Option<u64>) -> Result<Self> {
        let is_default = global.project == Path::new(".") && global.lake.is_none() && run.is_none();
        if is_default && !global.project.join(CONFIG_FILE).exists() {
            let options = SessionOptions { files: true, ..SessionOptions::default() };
            let session = Session::new(&options)?;
            let params = Params::new(&BTreeMap::new())?;
            return Ok(Self { session, params, about: About::default(), meaning: Meaning::default() });
        }
        let context = Context::open(global)?;
        let limits = &context.project.config.limits;
        let session = Session::new(&SessionOptions {
            memory_bytes_max: limits.memory_mb << 20,
            threads: limits.threads,
            files: true,
            ..SessionOptions::default()
        })?;
        let (params, lake) = (context.params.clone(), context.lake.folder().map(ToOwned::to_owned));
        // A project whose SQL is wrong can still be looked at.
        let pipeline = Pipeline::read(&context.project).ok();
        if run.is_none() && context.lake.head().await?.is_none() {
            let about =
                About { project: Some(context.project.config.name.clone()), lake_folder: lake, ..About::default() };
            return Ok(Self { session, params, about, meaning: Meaning::default() });
        }
        let snapshot = context.snapshot(run).await?;
        session.attach(&snapshot).await?;
        Ok(Self { session, params, about: About::from(&snapshot), meaning: Meaning::new(pipeline, &snapshot) })
    }
}

/// What the tables mean: the contract's comments, the stages' first lines, the manifest's counts.
#[derive(Default)]
struct Meaning {
    contract: Option<Contract>,
    summaries: BTreeMap<String, String>,
    rows: BTreeMap<String, u64>,
}

impl Meaning {
    fn new(pipeline: Option<Pipeline>, snapshot: &Snapshot) -> Self {
        let rows = snapshot.manifest.tables.iter().map(|(name, table)| (name.clone(), table.rows())).collect();
        let stages = pipeline.iter().flat_map(|pipeline| &pipeline.stages);
        let summaries = stages.map(|stage| (stage.name.to_string(), stage.summary.clone())).collect();
        Self { contract: pipeline.map(|pipeline| pipeline.contract), summaries, rows }
    }
}

impl Dictionary for Meaning {
    fn column(&self, table: &str, column: &str) -> Option<&str> {
        self.contract.as_ref()?.comment(table, column)
    }

    fn table(&self, table: &str) -> Option<&str> {
        self.summaries.get(table).map(String::as_str)
    }

    fn rows(&self, table: &str) -> Option<u64> {
        self.rows.get(table).copied()
    }
}
