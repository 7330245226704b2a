//! The shell.
#![allow(dead_code, unreachable_pub, unused_imports)]
mod format;
mod lex;
mod statement;
mod style;
