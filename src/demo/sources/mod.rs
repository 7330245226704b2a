//! The shop's systems, one module each: what a system gets to know about a customer, and how it writes it down.
//!
//! Some of what they write cannot be read again. Such a row is always a second copy of one that can: a program on the way
//! spoilt it, and nobody lost an order by that.

use super::person::Person;

pub(super) mod consents;
pub(super) mod crm;
pub(super) mod loyalty;
pub(super) mod mail;
pub(super) mod products;
pub(super) mod shop;
pub(super) mod support;
pub(super) mod tills;
pub(super) mod truth;
pub(super) mod web;

/// Whether a program on the way spoilt a copy of the row with this running number: it does so with one row in so many,
/// which must share no factor with 10. It spares the first customers, so that the smallest shops land as well.
fn is_spoilt(person: &Person, row: u64, one_in: u64) -> bool {
    person.number >= 100 && row.is_multiple_of(one_in)
}
