//! What is bought together: how many orders have both of two products, counted over all pairs.
//!
//! A *basket* is an order, an *item* a product. Of a pair, three numbers of baskets say everything: those with both, those
//! with the one and those with the other; with the number of all baskets N they give, for the rule "who buys A buys B":
//!
//! - support, the share of all baskets that have both: n(A, B) / N (Agrawal, Imieliński, Swami 1993);
//! - confidence, the share of the baskets with A that have B: n(A, B) / n(A) (the same);
//! - lift, how many times as many have both as if A and B had nothing to do with each other: n(A, B) N / (n(A) n(B)) (Brin,
//!   Motwani, Ullman, Tsur 1997, who call it interest);
//! - the lower end of the interval in which the confidence lies with a probability of 95 % (Wilson 1927): two of two baskets
//!   are a confidence of 1 and a lower end of 0.34, so that rules out of few baskets do not come first.
//!
//! An item in fewer baskets than a pair must have to be of interest is in no such pair (Agrawal, Srikant 1994) and is left out
//! before pairs are counted. A basket of thousands of items, a wholesale order, has millions of pairs and says nothing about
//! any of them; it is left out altogether, also of N, and what is left out is counted.
//!
//! The strongest rules of what a customer has bought say what may come next ([`next`]).
//!
//! Pure: no Arrow, no SQL, no I/O, no clock. Items are numbers from 0, baskets are keys of 128 bits, and the answer depends
//! neither on the order of the lines nor on the number of threads.

#![allow(clippy::float_cmp, reason = "of equal scores the item decides")]

mod baskets;
mod lines;
mod next;
mod pairs;

pub use lines::Lines;
pub use next::{Candidate, Rule, next};
pub use pairs::{Counts, Limits, Pair, count};

#[cfg(test)]
mod tests;
