//! The one integration-test binary: each further one would link DataFusion again.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod accounts;
mod affinity;
mod bad_input;
mod customers;
mod databases;
mod faults;
mod fuzz_corpus;
mod journey;
mod landing_matrix;
mod learn;
mod matching;
mod projects;
mod reliability;
mod report;
mod resolve;
mod retention;
mod rfm;
mod s3;
mod shell;
mod shop;
mod slt;
mod support;
mod tidy;
mod value;
