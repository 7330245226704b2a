//! `sql`: the shell, or one script. Without a project it reads a lake or files.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::Global;
use super::context::Context;
use super::meaning::Meaning;
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Manifest};
use crate::memory;
use crate::pipeline::Contract;
use crate::project::{CONFIG_FILE, Params, SqlFolder, Value};
use crate::repl::{About, OutputFormat, Screen, Settings, Shell, history_file};

/// Ask in SQL: a shell, or statements from the command line or a file. It only reads.
///
/// In a project's folder it opens on the newest run; without a project, on the lake that --lake names, and
/// `FROM 'file.parquet'` reads files. Results go to stdout, all else to stderr. On a terminal a table shows at most --max-rows rows and says so; a pipe, a file and every
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
    memory::keep_freed();
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
    let out = Box::new(std::io::stdout());
    let notes: Box<dyn Write + Send> = match is_interactive || !global.quiet {
        true => Box::new(std::io::stderr()),
        false => Box::new(std::io::sink()),
    };
    let mut shell = Shell::new(desk.session, desk.params, settings, out, notes).await?;
    match script {
        Some(script) => shell.run_script(&script).await.map_err(|error| match &args.file {
            Some(file) => error.with("script", file.display()),
            None => error,
        }),
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
    /// The project that the global options name; without one, the lake that they name, or files.
    async fn open(global: &Global, run: Option<u64>) -> Result<Self> {
        let is_project = global.project != Path::new(".") || Path::new(CONFIG_FILE).exists();
        match &global.lake {
            Some(lake) if !is_project => Self::of_lake(lake, run, global).await,
            None if !is_project && run.is_none() => Self::of_files(),
            _ => Self::of_project(&Context::open(global)?, run).await,
        }
    }

    fn of_files() -> Result<Self> {
        let session = Session::new(&SessionOptions { files: true, ..SessionOptions::default() })?;
        let params = Params::new(&BTreeMap::new())?;
        Ok(Self { session, params, about: About::default(), meaning: Meaning::default() })
    }

    /// A lake whose project is elsewhere: its manifest says all that is needed for looking.
    async fn of_lake(location: &str, run: Option<u64>, global: &Global) -> Result<Self> {
        if !location.contains("://") && !Path::new(location).is_dir() {
            return Err(Error::new(Kind::Usage, "there is no such lake").with("lake", location));
        }
        let snapshot = Lake::open(location, Path::new("."))?.snapshot(run).await?;
        let session = Session::new(&SessionOptions { files: true, ..SessionOptions::default() })?;
        session.attach(&snapshot).await?;
        let mut params = Params::of_run(&snapshot.manifest.params);
        if let Some(as_of) = global.as_of {
            params.set("as_of", Value::Date(as_of));
        }
        let contract = Contract::read(&SqlFolder::built_in())?;
        let meaning = Meaning::of_lake(contract, &snapshot.manifest);
        Ok(Self { session, params, about: About::from(&snapshot), meaning })
    }

    async fn of_project(context: &Context, run: Option<u64>) -> Result<Self> {
        let (project, limits) = (&context.project, &context.project.config.limits);
        let session = Session::new(&SessionOptions {
            memory_bytes_max: limits.memory_mb << 20,
            threads: limits.threads,
            files: true,
            ..SessionOptions::default()
        })?;
        let (about, manifest) = if run.is_none() && context.lake.head().await?.is_none() {
            let name = project.config.name.clone();
            let manifest = Arc::new(Manifest::empty(&name));
            let lake_folder = context.lake.folder().map(ToOwned::to_owned);
            (About { project: Some(name), lake_folder, ..About::default() }, manifest)
        } else {
            let snapshot = context.snapshot(run).await?;
            session.attach(&snapshot).await?;
            (About::from(&snapshot), snapshot.manifest)
        };
        let sources = project.config.sources.values().map(|source| source.path.clone()).collect();
        let about = About { folder: Some(project.root.clone()), sources, ..about };
        let meaning = Meaning::new(project, &manifest);
        Ok(Self { session, params: context.params.clone(), about, meaning })
    }
}
