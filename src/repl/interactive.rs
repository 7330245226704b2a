//! The loop of reading, running and showing.

use std::path::PathBuf;
use std::sync::Arc;

use etcetera::BaseStrategy;

use super::editor::{Editor, Typed, is_bare_word, trailing_command};
use super::shell::{Flow, Shell};
use crate::error::{Kind, Result};

/// The file of the lines that were typed: `onefold/history.txt` in the user's state folder, `$XDG_STATE_HOME`.
pub fn history_file() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    let folder = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(folder.join("onefold/history.txt"))
}

impl Shell {
    /// Reads what a person types and shows what it gives, until Ctrl-D or `\q`. An error ends the statement, Ctrl-C
    /// the query that runs or the line that is typed; neither ends the shell.
    ///
    /// # Errors
    /// `Usage` when the terminal cannot be read.
    pub async fn interactive(&mut self) -> Result<()> {
        self.is_interactive = true;
        let name = self.settings.about.project.clone().unwrap_or_else(|| "onefold".into());
        let colors = self.settings.screen.colors;
        let (names, history) = (Arc::clone(&self.names), self.settings.history.clone());
        let mut editor = match Editor::new(&name, Arc::clone(&names), colors, history.as_deref()) {
            Ok(editor) => editor,
            Err(error) => {
                self.show_error(&error);
                Editor::new(&name, names, colors, None)?
            }
        };
        let welcome = format!("onefold {} · {} · `\\?` for help", env!("CARGO_PKG_VERSION"), self.about_briefly());
        self.note(&welcome);
        loop {
            let typed = match tokio::task::block_in_place(|| editor.read())? {
                Typed::Text(text) => text,
                Typed::Nothing => continue,
                Typed::End => return Ok(()),
            };
            // A command within a statement runs, and the statement goes on.
            let (typed, rest) = match trailing_command(&typed) {
                Some((statement, command)) => (command.to_owned(), Some(format!("{statement}\n"))),
                None => (typed, None),
            };
            let script = match typed.trim().trim_end_matches(';') {
                "quit" | "exit" => return Ok(()),
                word if is_bare_word(word) => "\\?",
                _ => &typed,
            };
            match self.run_pieces(script).await {
                Ok(Flow::Go) => {}
                Ok(Flow::Quit) => return Ok(()),
                Err(error) if error.kind() == Kind::Interrupted => self.note("stopped"),
                Err(error) => self.show_error(&error),
            }
            editor.update(Arc::clone(&self.names));
            if let Some(rest) = rest {
                editor.prefill(&rest);
            }
        }
    }
}
