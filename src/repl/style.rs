//! Colours, or none of them: when the output is not a terminal, and when the user sets NO_COLOR.

use nu_ansi_term::{Color, Style as Paint};

/// Whether to colour, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    colors: bool,
}

impl Style {
    /// Colours if `colors`.
    pub(super) fn new(colors: bool) -> Self {
        Self { colors }
    }

    /// No colours.
    pub(super) fn plain() -> Self {
        Self::new(false)
    }

    /// What helps but is not the answer: types, NULL, times.
    pub(super) fn dim(self, text: &str) -> String {
        self.paint(Paint::new().dimmed(), text)
    }

    /// Names.
    pub(super) fn bold(self, text: &str) -> String {
        self.paint(Paint::new().bold(), text)
    }

    /// The word `error`.
    pub(super) fn error(self, text: &str) -> String {
        self.paint(Color::Red.bold(), text)
    }

    /// The word `hint`.
    pub(super) fn hint(self, text: &str) -> String {
        self.paint(Color::Cyan.bold(), text)
    }

    fn paint(self, paint: Paint, text: &str) -> String {
        if self.colors { paint.paint(text).to_string() } else { text.to_owned() }
    }
}
