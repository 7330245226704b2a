//! What the tests share: the binary, projects in temp folders, the real data.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a command left behind.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The outcome of a command that must succeed.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Each of `words` must stand on stderr.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in:\n{}", self.stderr);
        }
    }

    /// The outcome of a command that must fail with `code` and say each of `words` on stderr.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.says(words);
        self
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap_or(-1);
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A project in a temp folder, which goes with it.
pub struct Shop {
    dir: tempfile::TempDir,
}

impl Shop {
    /// A project with this `onefold.toml`.
    pub fn new(config: &str) -> Self {
        let shop = Self { dir: tempfile::tempdir().unwrap() };
        shop.write("onefold.toml", config)
    }

    /// A copy of a project folder.
    pub fn copy(from: &Path) -> Self {
        let shop = Self { dir: tempfile::tempdir().unwrap() };
        copy(from, shop.path());
        shop
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file below the project.
    pub fn write(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.put(path, text);
        self
    }

    pub fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).unwrap();
    }

    /// Runs the binary in the project.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.command(args).output().unwrap().into()
    }

    /// The same with answers on stdin, one a line.
    pub fn answer(&self, args: &[&str], answers: &str) -> Outcome {
        let mut stdin = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut stdin, answers.as_bytes()).unwrap();
        std::io::Seek::rewind(&mut stdin).unwrap();
        self.command(args).stdin(stdin).output().unwrap().into()
    }

    /// The binary in the project, not yet running.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        command.args(args).current_dir(self.path()).env("NO_COLOR", "1").stdin(std::process::Stdio::null());
        command
    }

    /// The result of a query as CSV lines, without the header.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let outcome = self.run(&["sql", "-c", sql, "--format", "csv"]).ok();
        outcome.stdout.lines().skip(1).map(str::to_owned).collect()
    }

    /// The result of a query with one value.
    #[track_caller]
    pub fn value(&self, sql: &str) -> String {
        let rows = self.rows(sql);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0].clone()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The repository's folder.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the real data; none where nobody said where it lies. In CI it must be there.
pub fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("ONEFOLD_TEST_DATA").map(PathBuf::from);
    match &folder {
        Some(folder) => assert!(folder.is_dir(), "ONEFOLD_TEST_DATA names {}, which is no folder", folder.display()),
        None => assert!(std::env::var_os("CI").is_none(), "ONEFOLD_TEST_DATA is not set"),
    }
    folder
}

/// Whether tests go on for as long as the guarantees ask, and not only for as long as CI can wait.
pub fn long_tests() -> bool {
    std::env::var_os("ONEFOLD_LONG_TESTS").is_some_and(|value| value == "1")
}

/// What `tests/servers/run` says about a server in `variable`; none where it did not start this test. In CI it must have.
pub fn server(variable: &str) -> Option<String> {
    let server = std::env::var(variable).ok();
    assert!(server.is_some() || std::env::var_os("CI").is_none(), "{variable} is not set: use tests/servers/run");
    server
}
