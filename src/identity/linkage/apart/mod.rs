//! Texts that hold what other records have in columns of their own, taken apart, and ages made years of birth: what is found
//! are columns beside them.

mod address;
mod age;
mod contact;

use super::table::Table;

impl Table {
    /// Takes whole contacts apart, then addresses, then ages.
    pub(super) fn take_apart(&mut self, threads: usize) {
        self.take_contacts_apart(threads);
        self.take_addresses_apart(threads);
        self.take_ages_apart(threads);
    }
}
