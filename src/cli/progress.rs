//! Drawing progress: bars on a terminal, one line per finished task otherwise.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::output::say;
use crate::progress::{Progress, Silent, Unit};

/// The listener that suits stderr.
pub(super) fn progress(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Lines)
    }
}

/// One log line per task.
struct Lines;

impl Progress for Lines {
    fn job(&self, _: &str, _: usize) {}
    fn begin(&self, _: &str, _: Option<u64>, _: Unit) {}
    fn advance(&self, _: &str, _: u64) {}

    fn finish(&self, task: &str, summary: &str) {
        say(&format!("{task}: {summary}"));
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
}

impl Progress for Bars {
    fn job(&self, name: &str, tasks: usize) {
        let bar = self.screen.add(ProgressBar::new(tasks as u64));
        bar.set_style(style("{prefix:8} {bar:32} {pos}/{len} {elapsed}, {eta} left"));
        bar.set_prefix(name.to_owned());
        self.with(|state| {
            if let Some(before) = state.job.replace(bar) {
                before.finish_and_clear();
                self.screen.remove(&before);
            }
        });
    }

    fn begin(&self, task: &str, total: Option<u64>, unit: Unit) {
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        };
        bar.set_style(style(match (total, unit) {
            (Some(_), Unit::Bytes) => "  {prefix:28} {bar:24} {bytes}/{total_bytes} {eta} left",
            (Some(_), Unit::Rows) => "  {prefix:28} {bar:24} {human_pos}/{human_len} rows {eta} left",
            (None, Unit::Bytes) => "  {spinner} {prefix:28} {bytes}",
            (None, Unit::Rows) => "  {spinner} {prefix:28} {human_pos} rows",
        }));
        bar.set_prefix(task.to_owned());
        self.with(|state| {
            let bar = match &state.job {
                Some(job) => self.screen.insert_before(job, bar),
                None => self.screen.add(bar),
            };
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            state.tasks.insert(task.to_owned(), bar);
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
                bar.finish_and_clear();
                self.screen.remove(&bar);
            }
            if let Some(job) = &state.job {
                job.inc(1);
            }
        });
    }

    fn notice(&self, text: &str) {
        let _ = self.screen.println(format!("notice: {text}"));
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        let _ = self.screen.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ ")
}
