//! The shop's systems, one module each: what a system gets to know about a customer, and how it writes it down.

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
