//! The line that one types into: reedline with our prompt, colours, completion, history.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use nu_ansi_term::{Color, Style};
use reedline::{
    ColumnarMenu, Completer, CompletionResult, DefaultHinter, EditCommand, Emacs, FileBackedHistory, InputMode,
    KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus,
    Reedline, ReedlineEvent, ReedlineMenu, Signal, Span, Suggestion, ValidationResult, Validator,
    default_emacs_keybindings,
};

use super::complete::complete;
use super::highlight::SqlHighlighter;
use super::names::Names;
use super::statement::is_complete;
use crate::error::{Error, Kind, Result};

/// Lines that the history keeps.
const HISTORY_LINES_MAX: usize = 10_000;

/// The names that highlighting and completion see; the shell replaces them when they change.
#[derive(Clone, Default)]
pub(super) struct SharedNames(Arc<RwLock<Arc<Names>>>);

impl SharedNames {
    pub(super) fn get(&self) -> Arc<Names> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, names: Arc<Names>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names;
    }
}

/// What was typed.
pub(super) enum Typed {
    Text(String),
    /// Ctrl-C: the line is given up.
    Nothing,
    /// Ctrl-D.
    End,
}

/// The editor.
pub(super) struct Editor {
    reedline: Reedline,
    prompt: SqlPrompt,
    names: SharedNames,
}

impl Editor {
    /// An editor whose prompt shows `name`.
    ///
    /// # Errors
    /// `Store` when the history cannot be opened.
    pub(super) fn new(name: &str, names: Arc<Names>, colors: bool, history: Option<&Path>) -> Result<Self> {
        let shared = SharedNames::default();
        shared.set(names);
        let menu = ColumnarMenu::default().with_name(MENU).with_marker("> ").with_columns(4).with_column_padding(2);
        // The tables stand behind the cursor: `SELECT am|  FROM profile.orders`.
        let menu = menu.with_input_mode(InputMode::FullBuffer);
        let mut reedline = Reedline::create()
            .with_ansi_colors(colors)
            .with_validator(Box::new(WholeStatement))
            .with_completer(Box::new(SqlCompleter { names: shared.clone() }))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_edit_mode(Box::new(Emacs::new(keys())))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .use_bracketed_paste(true)
            // As in a shell, a line that begins with a blank is not remembered.
            .with_history_exclusion_prefix(Some(" ".into()));
        if colors {
            reedline = reedline
                .with_highlighter(Box::new(SqlHighlighter { names: shared.clone() }))
                .with_hinter(Box::new(DefaultHinter::default().with_style(Style::new().fg(Color::DarkGray))));
        } else {
            reedline = reedline.with_highlighter(Box::new(reedline::SimpleMatchHighlighter::new(String::new())));
        }
        if let Some(file) = history {
            reedline = reedline.with_history(Box::new(open_history(file)?));
        }
        Ok(Self { reedline, prompt: SqlPrompt { name: name.to_owned() }, names: shared })
    }

    /// Reads statements. Blocks.
    pub(super) fn read(&mut self) -> Result<Typed> {
        let signal = self.reedline.read_line(&self.prompt);
        // A history that cannot be written is no reason to stop.
        let _ = self.reedline.sync_history();
        match signal {
            Ok(Signal::Success(text)) => Ok(Typed::Text(text)),
            Ok(Signal::CtrlD) => Ok(Typed::End),
            // Ctrl-C, and signals that we have not asked for.
            Ok(_) => Ok(Typed::Nothing),
            Err(error) => Err(Error::new(Kind::Usage, "the terminal cannot be read")
                .source(error)
                .hint("`onefold sql -c SQL` and `-f FILE` need no terminal")),
        }
    }

    /// Puts text into the next line, as if it had been typed.
    pub(super) fn prefill(&mut self, text: &str) {
        self.reedline.run_edit_commands(&[EditCommand::InsertString(text.to_owned())]);
    }

    /// Shows other names from here on.
    pub(super) fn update(&self, names: Arc<Names>) {
        self.names.set(names);
    }
}

const MENU: &str = "completions";

fn keys() -> reedline::Keybindings {
    let mut keys = default_emacs_keybindings();
    let next = vec![ReedlineEvent::Menu(MENU.into()), ReedlineEvent::MenuNext];
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, ReedlineEvent::UntilFound(next));
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, ReedlineEvent::Edit(vec![EditCommand::InsertNewline]));
    keys
}

/// The history, in a file that only its owner may read: what one looks for names people.
fn open_history(file: &Path) -> Result<FileBackedHistory> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Store, "cannot open the history").with("file", file.display()).source(error)
    };
    if let Some(folder) = file.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = std::fs::File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(failed)?;
    FileBackedHistory::with_file(HISTORY_LINES_MAX, file.to_owned())
        .map_err(|error| Error::new(Kind::Store, "cannot open the history").with("file", file.display()).source(error))
}

/// Goes on reading until a statement can run.
struct WholeStatement;

impl Validator for WholeStatement {
    fn validate(&self, line: &str) -> ValidationResult {
        if is_complete(line) || is_bare_word(line) || trailing_command(line).is_some() {
            ValidationResult::Complete
        } else {
            ValidationResult::Incomplete
        }
    }
}

/// The command on the last line of a statement that is not complete, and the statement before it.
pub(super) fn trailing_command(typed: &str) -> Option<(&str, &str)> {
    let (statement, last) = typed.trim_end().rsplit_once('\n')?;
    let last = last.trim_start();
    let is_command = last.starts_with('\\') && !statement.trim_start().starts_with('\\');
    is_command.then_some((statement, last))
}

/// Whether it is a word that people type to leave or to ask, with no backslash.
pub(super) fn is_bare_word(line: &str) -> bool {
    ["quit", "exit", "help", "?"].contains(&line.trim().trim_end_matches(';'))
}

struct SqlCompleter {
    names: SharedNames,
}

impl Completer for SqlCompleter {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let names = self.names.get();
        let suggestions = complete(&names, line, pos).into_iter().map(|candidate| Suggestion {
            value: candidate.text,
            description: candidate.about,
            span: Span::new(candidate.range.start, candidate.range.end),
            append_whitespace: candidate.has_blank,
            ..Suggestion::default()
        });
        CompletionResult::fresh(suggestions.collect::<Vec<_>>())
    }
}

struct SqlPrompt {
    name: String,
}

impl Prompt for SqlPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        let blanks = unicode_width::UnicodeWidthStr::width(self.name.as_str()).saturating_sub(1);
        Cow::Owned(format!("{}·> ", " ".repeat(blanks)))
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failed = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing has ",
        };
        Cow::Owned(format!("({failed}`{}`) ", search.term))
    }

    fn get_prompt_color(&self) -> reedline::Color {
        reedline::Color::Green
    }

    fn get_indicator_color(&self) -> reedline::Color {
        reedline::Color::Green
    }

    fn get_prompt_multiline_color(&self) -> reedline::Color {
        reedline::Color::DarkGray
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_be_typed_in_the_middle_of_a_statement() {
        assert_eq!(trailing_command("SELECT 1\nFROM x\n  \\d x "), Some(("SELECT 1\nFROM x", "\\d x")));
        assert_eq!(trailing_command("SELECT 1"), None);
        assert_eq!(trailing_command("\\d x"), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_history_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("state/onefold/history.txt");
        drop(open_history(&file).expect("opens"));
        let mode = |path: &Path| path.metadata().expect("exists").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
    }
}
