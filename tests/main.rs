//! The one integration-test binary: each further one would link DataFusion again.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod bad_input;
mod customers;
mod matching;
mod projects;
mod shop;
mod slt;
mod support;
mod tidy;
