//! The tools of the reliability tests: a store that fails on purpose, a disk that loses power, a process that is killed.

pub mod disk;
pub mod kill;
pub mod store;
