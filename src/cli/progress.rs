//! Drawing progress: bars on a terminal, one line per finished task otherwise.

use std::collections::{HashMap, HashSet};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::output::say;
use crate::progress::{Progress, Silent, Unit};

/// The listener that suits stderr.
pub(super) fn progress(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Lines::default())
    }
}

/// One log line per task that was begun; what had nothing to do is counted in the job's last line.
#[derive(Default)]
struct Lines {
    begun: Mutex<HashSet<String>>,
}

impl Lines {
    fn with<T>(&self, act: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        act(&mut self.begun.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Lines {
    fn job(&self, _: &str, _: usize) {}

    fn begin(&self, task: &str, _: Option<u64>, _: Unit) {
        self.with(|begun| begun.insert(task.to_owned()));
    }

    fn advance(&self, _: &str, _: u64) {}

    fn finish(&self, task: &str, summary: &str) {
        if self.with(|begun| begun.remove(task)) {
            say(&format!("{task}: {summary}"));
        }
    }

    fn notice(&self, text: &str) {
        say(&format!("notice: {text}"));
    }
}

/// A bar for the job, one for each task under way.
#[derive(Default)]
struct Bars {
    screen: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    job: Option<ProgressBar>,
    tasks: HashMap<String, ProgressBar>,
}

impl Bars {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn wipe(&self, bar: &ProgressBar) {
        bar.finish_and_clear();
        self.screen.remove(bar);
    }
}

impl Progress for Bars {
    fn job(&self, name: &str, tasks: usize) {
        let bar = self.screen.add(ProgressBar::new(tasks as u64));
        bar.set_style(style("{prefix:8} {bar:32} {pos}/{len} {elapsed}{left}"));
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(TICK);
        self.with(|state| {
            if let Some(before) = state.job.replace(bar) {
                self.wipe(&before);
            }
        });
    }

    fn begin(&self, task: &str, total: Option<u64>, unit: Unit) {
        self.with(|state| {
            let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            // A bar that is no part of the screen yet must not be touched: it would draw a line of its own.
            let bar = match &state.job {
                Some(job) => self.screen.insert_before(job, bar),
                None => self.screen.add(bar),
            };
            bar.set_style(style(match (total, unit) {
                (Some(_), Unit::Bytes) => "  {spinner} {prefix:28} {bar:24} {bytes}/{total_bytes}{left}",
                (Some(_), Unit::Rows) => "  {spinner} {prefix:28} {bar:24} {human_pos}/{human_len} rows{left}",
                (Some(_), Unit::Pairs) => "  {spinner} {prefix:28} {bar:24} {percent} %{left}",
                (None, Unit::Bytes) => "  {spinner} {prefix:28} {bytes}",
                (None, Unit::Rows) => "  {spinner} {prefix:28} {human_pos} rows",
                (None, Unit::Pairs) => "  {spinner} {prefix:28} {human_pos} pairs",
            }));
            bar.set_prefix(task.to_owned());
            bar.enable_steady_tick(TICK);
            if let Some(before) = state.tasks.insert(task.to_owned(), bar) {
                self.wipe(&before);
            }
        });
    }

    fn advance(&self, task: &str, done: u64) {
        self.with(|state| {
            if let Some(bar) = state.tasks.get(task) {
                bar.inc(done);
            }
        });
    }

    fn finish(&self, task: &str, _: &str) {
        self.with(|state| {
            if let Some(bar) = state.tasks.remove(task) {
                self.wipe(&bar);
            }
            if let Some(job) = &state.job {
                job.inc(1);
            }
            // What is printed next stands where the bars were.
            if let Some(done) = state.job.take_if(|job| job.length().is_some_and(|tasks| job.position() >= tasks)) {
                self.wipe(&done);
            }
        });
    }

    fn notice(&self, text: &str) {
        let _ = self.screen.println(format!("notice: {text}"));
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.with(|state| {
            let State { job, tasks } = std::mem::take(state);
            tasks.values().chain(&job).for_each(|bar| self.wipe(bar));
        });
        let _ = self.screen.clear();
    }
}

/// How often a bar shows that it is alive.
const TICK: Duration = Duration::from_millis(120);

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("━╸ ").with_key("left", time_left)
}

/// How much time is left, once there is something to tell it from.
fn time_left(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    if state.pos() > 0 && state.len().is_some_and(|len| state.pos() < len) {
        let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
    }
}
