//! Onefold: an embedded single-customer-view engine. Many records folded into one customer.
//!
//! The modules, in the order in which data flows:

pub mod clock;
pub mod error;
pub mod lake;
pub mod land;
pub mod progress;
pub mod project;
