//! Where a text has a byte.

/// A text of up to 16 × `LANES` bytes. A byte is looked for in all places at once, without a table: the loop over a lane
/// becomes one comparison of vectors.
pub(super) struct Positions<const LANES: usize> {
    lanes: [[u8; 16]; LANES],
    /// One bit per byte of the text.
    pub(super) all: u64,
}

impl<const LANES: usize> Positions<LANES> {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut lanes = [[0; 16]; LANES];
        for (lane, part) in lanes.iter_mut().zip(text.chunks(16)) {
            lane[..part.len()].copy_from_slice(part);
        }
        Self { lanes, all: if text.is_empty() { 0 } else { !0 >> (64 - text.len().min(64)) } }
    }

    /// The places at which the text has the byte, as bits.
    pub(super) fn of(&self, byte: u8) -> u64 {
        let mut found = 0;
        for (at, lane) in self.lanes.iter().enumerate() {
            found |= u64::from(same(lane, byte)) << (16 * at);
        }
        found & self.all
    }
}

fn same(lane: &[u8; 16], byte: u8) -> u16 {
    let mut found = 0;
    for (at, &other) in lane.iter().enumerate() {
        found |= u16::from(other == byte) << at;
    }
    found
}
