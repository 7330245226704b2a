//! Numbers every record of the project by the order of its id, so that no result depends on the order of arrival.

use datafusion::arrow::array::{StringViewArray, StringViewBuilder};

use super::dictionary::{Dictionary, NONE};
use super::input::Text;
use crate::error::{Error, Kind, Result};

/// Records numbered from 1 in order of arrival, while more of them arrive. Each id is held once.
pub(super) struct Arrivals {
    ids: Dictionary,
}

/// All records, numbered `0..n` in the order of their ids.
pub(super) struct Records {
    /// By order of arrival.
    ids: Dictionary,
    /// Number → place in the order of arrival.
    order: Vec<u32>,
    /// Place in the order of arrival → number.
    rank: Vec<u32>,
}

impl Arrivals {
    /// Nobody yet.
    pub(super) fn new() -> Self {
        Self { ids: Dictionary::new() }
    }

    /// The place of each row's record; `before` is the number of rows in earlier batches.
    ///
    /// # Errors
    /// `Check` if a record id is null or empty.
    pub(super) fn add(&mut self, column: &Text, before: usize, table: &'static str) -> Result<Vec<u32>> {
        // What one record shows mostly comes together.
        let mut last = ("", NONE);
        let place = |row| {
            let id = column.require(row, before, table, "record_id")?;
            if last.1 == NONE || last.0 != id {
                last = (id, self.ids.number(id.as_bytes()));
            }
            match last.1 {
                NONE => Err(empty_id(table, before + row + 1)),
                place => Ok(place),
            }
        };
        (0..column.len()).map(place).collect()
    }

    /// How many have arrived.
    pub(super) fn len(&self) -> usize {
        self.ids.len() - 1
    }

    /// Puts the records in the order of their ids.
    pub(super) fn sort(self) -> Records {
        let id = |place: u32| &self.ids.texts[place as usize];
        let mut order: Vec<(u128, u32)> = (1..self.ids.len() as u32).map(|place| (prefix(id(place)), place)).collect();
        order.sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| id(one.1).cmp(id(other.1))));
        let mut rank = vec![0; self.ids.len()];
        for (&(_, place), number) in order.iter().zip(0..) {
            rank[place as usize] = number;
        }
        Records { order: order.into_iter().map(|(_, place)| place).collect(), rank, ids: self.ids }
    }
}

fn empty_id(table: &'static str, row: usize) -> Error {
    Error::new(Kind::Check, "a record id is empty")
        .with("table", table)
        .with("row", row)
        .hint("leave such rows out in the stage's SQL")
}

/// The first 16 bytes as a number that sorts as they do: most comparisons end here, without a look at the text.
pub(super) fn prefix(text: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text[..length]);
    u128::from_be_bytes(bytes)
}

impl Records {
    /// The number of a record, or nothing if the project does not hold it any more.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.ids.find(id.as_bytes()).map(|place| self.number(place))
    }

    /// The same for ids that mostly come in their order; `next` is the number that would follow, 0 at first.
    pub(super) fn find_next(&self, id: &str, next: &mut u32) -> Option<u32> {
        let place = self.order.get(*next as usize);
        let is_next = place.is_some_and(|&place| &self.ids.texts[place as usize] == id.as_bytes());
        let found = if is_next { Some(*next) } else { self.find(id) };
        *next = found.map_or(*next, |number| number + 1);
        found
    }

    /// The number of the record that arrived at `place`.
    pub(super) fn number(&self, place: u32) -> u32 {
        self.rank[place as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The id of a record.
    pub(super) fn id(&self, number: u32) -> &str {
        let bytes = &self.ids.texts[self.order[number as usize] as usize];
        std::str::from_utf8(bytes).expect("ids arrived as text")
    }

    /// The ids as a column; row = number.
    pub(super) fn column(&self) -> StringViewArray {
        let mut builder = StringViewBuilder::with_capacity(self.len()).with_fixed_block_size(1 << 20);
        (0..self.len() as u32).for_each(|number| builder.append_value(self.id(number)));
        builder.finish()
    }
}
