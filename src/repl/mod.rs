//! The analyst's shell: SQL on the tables of one pinned run and on files, typed or from a script.
//!
//! It reads. The only thing it writes is a local file that the user names, never one of the lake, the project or its sources. Results go to
//! its output and nothing else does; notes, times and errors go elsewhere. It must never import `pipeline` or `land`.

mod commands;
mod complete;
mod describe;
mod editor;
mod file;
mod format;
mod highlight;
mod interactive;
mod keywords;
mod lex;
mod meta;
mod names;
mod reserved;
mod rows;
mod settings;
mod shell;
mod show;
mod statement;
mod style;
#[cfg(test)]
mod tests;
mod unmade;

pub use file::{ResultFile, save, save_text, write_by};
pub use format::OutputFormat;
pub use interactive::history_file;
pub use settings::{About, Dictionary, Screen, Settings};
pub use shell::Shell;
pub use unmade::Unmade;
