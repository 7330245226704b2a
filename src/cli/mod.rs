//! The command line: raw arguments become domain values here, once. Data goes to stdout, all else to stderr.

mod balance;
mod context;
mod customer;
mod demo;
mod gc;
mod history;
mod init;
mod landed;
mod lineage;
mod lookup;
mod matching;
mod meaning;
mod output;
mod picture;
mod plan;
mod privacy;
mod progress;
mod refresh;
mod resolve;
mod restore;
mod sql;
mod status;
mod value;
mod verify;
mod waterfall;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Parser, Subcommand};
use jiff::Timestamp;

use crate::engine::STACK_BYTES;
use crate::error::{Error, Kind, Result};
use crate::lake::Lake;
use context::Context;

/// Many records folded into one customer: an embedded single-customer-view engine.
#[derive(Debug, Parser)]
#[command(name = "onefold", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  onefold demo                       a sample shop in ./onefold-demo, with everything run
  onefold init                       a new project here
  onefold refresh                    land what is new, run what has changed
  onefold sql -c 'SELECT count(*) FROM profile.customers'

Exit codes: 0 done, 1 query or check failed, 2 wrong usage or configuration, 3 worth retrying, 130 interrupted";

/// Options of all commands.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// The project's folder.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// The lake, in place of the one in onefold.toml: a folder or a URL.
    #[arg(long, global = true, value_name = "URL")]
    lake: Option<String>,
    /// The exclusive upper bound in time, such as 2026-06-30. Default: `as_of` of onefold.toml, or else the day after today
    /// in UTC, so that today counts; of a file of `value`, the day after its last transaction.
    #[arg(long, global = true, value_name = "DATE", value_parser = date)]
    as_of: Option<jiff::civil::Date>,
    /// Say nothing but errors, and which sources are not as expected.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print a machine-readable report on stdout.
    #[arg(long, global = true)]
    json: bool,
    /// What the caller brings.
    #[arg(skip)]
    given: Option<Given>,
    #[arg(skip)]
    reached: Reached,
}

/// How far a command has come, for whoever interrupts it.
#[derive(Debug, Clone, Default)]
struct Reached(Arc<Mutex<Commit>>);

/// Whether the command has committed a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Commit {
    #[default]
    None,
    /// It is about to: nobody knows.
    Begun(u64),
    Done(u64),
}

impl Reached {
    fn set(&self, commit: Commit) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = commit;
    }

    /// The error of a command that is interrupted here.
    fn interrupted(&self) -> Error {
        let hint = match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Commit::None => "nothing of it became visible".to_owned(),
            Commit::Begun(run) => format!("whether run {run} was committed is not known; `onefold history` tells"),
            Commit::Done(run) => format!(
                "run {run} is committed; if `published/` is not up to date yet, the next `onefold refresh` brings it there"
            ),
        };
        Error::new(Kind::Interrupted, "interrupted").hint(hint)
    }
}

/// A date as one types it.
fn date(text: &str) -> std::result::Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "a date is written YYYY-MM-DD, such as 2026-06-30".to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Land(refresh::LandArgs),
    Run(refresh::RunArgs),
    Refresh(refresh::RefreshArgs),
    Plan(plan::Args),
    Sql(sql::Args),
    Customer(customer::Args),
    Match(matching::Args),
    Resolve(resolve::Args),
    Value(value::Args),
    Privacy(privacy::Args),
    Status(status::Args),
    History(history::Args),
    Lineage(lineage::Args),
    Verify(verify::Args),
    Gc(gc::Args),
    Restore(restore::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Kind::Usage.exit_code() } else { 0 };
            let _ = error.print();
            return code.into();
        }
    };
    let json = cli.global.json;
    match on_a_large_stack(|| run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::report_error(&error, json);
            error.exit_code().into()
        }
    }
}

/// Does `work` on a thread whose stack is not what the system gives the first one of a process.
fn on_a_large_stack(work: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("main".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| Error::new(Kind::Exhausted, "cannot start a thread").source(error))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The most threads for work that blocks, of a command that computes stages: for reading, sorting, encoding, flushing. Each
/// keeps some of the memory that it has freed, so that few take a sixth less of it than tokio's 512 (of ten stages of a
/// million customers: 2.7 GB, not 3.2). Of those, one a core sorts what others read; whoever would wait for more than that
/// must not be bounded so, as a query of many JSON files in the shell.
fn blocking_threads_max(command: &Command) -> Option<usize> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    matches!(command, Command::Demo(_) | Command::Run(_) | Command::Refresh(_)).then_some((4 * cores).max(8))
}

fn run(cli: Cli) -> Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().thread_stack_size(STACK_BYTES);
    if let Some(threads) = blocking_threads_max(&cli.command) {
        runtime.max_blocking_threads(threads);
    }
    let runtime =
        runtime.build().map_err(|error| Error::new(Kind::Internal, "cannot start the runtime").source(error))?;
    runtime.block_on(async {
        let interruptible = !matches!(cli.command, Command::Sql(_));
        let reached = cli.global.reached.clone();
        let work = dispatch(cli);
        tokio::pin!(work);
        tokio::select! {
            outcome = &mut work => outcome,
            // The shell of `onefold sql` stops only its query.
            _ = tokio::signal::ctrl_c(), if interruptible => Err(reached.interrupted()),
        }
    })
}

/// What a caller of [`run_on`] brings.
#[derive(Debug, Clone)]
pub struct Given {
    /// The lake, in place of the one that the project names.
    pub lake: Lake,
    /// The time that the command takes for the present; none: the wall clock's.
    pub now: Option<Timestamp>,
}

impl From<Lake> for Given {
    fn from(lake: Lake) -> Self {
        Self { lake, now: None }
    }
}

/// Runs one command, such as `["refresh", "--quiet"]`, on a lake that is open already: for programs and tests that bring
/// a store or a clock of their own. The runtime must have several threads.
///
/// # Errors
/// `Usage` when the arguments are wrong, else what the command says.
pub async fn run_on(given: impl Into<Given>, args: &[&str]) -> Result<()> {
    let args = ["onefold"].iter().chain(args);
    let mut cli = Cli::try_parse_from(args).map_err(|error| Error::new(Kind::Usage, error.to_string()))?;
    cli.global.given = Some(given.into());
    dispatch(cli).await
}

async fn dispatch(cli: Cli) -> Result<()> {
    let global = cli.global;
    match cli.command {
        Command::Demo(args) => Box::pin(demo::run(&global, args)).await,
        Command::Init(args) => init::run(&global, &args),
        Command::Land(args) => refresh::land(&Context::open(&global)?, &args).await,
        Command::Run(args) => Box::pin(refresh::run(&Context::open(&global)?, args)).await,
        Command::Refresh(args) => Box::pin(refresh::refresh(&Context::open(&global)?, args)).await,
        Command::Plan(args) => plan::run(&Context::open(&global)?, args).await,
        Command::Sql(args) => sql::run(&global, args).await,
        Command::Customer(args) => customer::run(&Context::open(&global)?, &args).await,
        Command::Match(args) => Box::pin(matching::run(&Context::open(&global)?, args)).await,
        Command::Resolve(args) => Box::pin(resolve::run(&global, &args)).await,
        Command::Value(args) => Box::pin(value::run(&global, args)).await,
        Command::Privacy(args) => privacy::run(&Context::open(&global)?, &args).await,
        Command::Status(args) => status::run(&Context::open(&global)?, &args).await,
        Command::History(args) => history::run(&Context::open(&global)?, &args).await,
        Command::Lineage(args) => lineage::run(&Context::open(&global)?, &args),
        Command::Verify(args) => verify::run(&Context::open(&global)?, &args).await,
        Command::Gc(args) => gc::run(&Context::open(&global)?, &args).await,
        Command::Restore(args) => restore::run(&Context::open(&global)?, &args).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_has_an_example() {
        let mut cli = Cli::command();
        cli.debug_assert_ok();
        for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
        }
    }

    trait DebugAssert {
        fn debug_assert_ok(&mut self);
    }

    impl DebugAssert for clap::Command {
        fn debug_assert_ok(&mut self) {
            self.build();
            self.clone().debug_assert();
        }
    }
}
