//! A process that is killed at a random moment, as by `kill -9`.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long to leave the machine to the process between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Starts the binary in `project`, without waiting for it.
pub fn start(project: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
    command.args(args).current_dir(project).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Lets the process run for `time`, doing `meanwhile` over and over, then kills it. Says whether it was still running.
pub fn kill_after(mut child: Child, time: Duration, mut meanwhile: impl FnMut()) -> bool {
    let started = Instant::now();
    while let left @ 1.. = time.saturating_sub(started.elapsed()).as_micros()
        && child.try_wait().unwrap().is_none()
    {
        meanwhile();
        std::thread::sleep(PAUSE.min(Duration::from_micros(left as u64)));
    }
    let running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    running
}
