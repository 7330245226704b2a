//! What a long job tells while it works. The command line draws it; everything else only reports.

/// A listener. Tasks are named, such as `land crm_contacts` or `profile.customers`.
pub trait Progress: Send + Sync {
    /// A job of `tasks` tasks begins, such as the stages of a run.
    fn job(&self, name: &str, tasks: usize);
    /// A task begins; `total` is how much there is to do, in `unit`, if it is known.
    fn begin(&self, task: &str, total: Option<u64>, unit: Unit);
    /// `done` more units of the task are done.
    fn advance(&self, task: &str, done: u64);
    /// The task is done; `summary` says what came out, on one line. One that had nothing to do never began.
    fn finish(&self, task: &str, summary: &str);
    /// Something the user should know, though nothing failed.
    fn notice(&self, text: &str);
}

/// What a task's progress is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Rows of a table.
    Rows,
    /// Bytes of a file.
    Bytes,
    /// Pairs of records.
    Pairs,
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {
    fn job(&self, _: &str, _: usize) {}
    fn begin(&self, _: &str, _: Option<u64>, _: Unit) {}
    fn advance(&self, _: &str, _: u64) {}
    fn finish(&self, _: &str, _: &str) {}
    fn notice(&self, _: &str) {}
}
