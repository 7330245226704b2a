//! What is bought together, in SQL. What is counted, and how, is in [`crate::affinity`]; here are the SQL types, the columns and
//! the texts.
//!
//! Each of these aggregates answers for all orders or all customers at once, with a list. As an aggregate of one order or one
//! customer it would hand on the texts of each from thread to thread; so it hands on numbers.

mod bought_together;
mod columns;
mod next_products;
mod numbers;

pub(super) use bought_together::BOUGHT_TOGETHER;
pub(super) use next_products::NEXT_PRODUCTS;
