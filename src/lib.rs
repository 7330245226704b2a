//! The library.

pub mod error;
pub mod identity;
