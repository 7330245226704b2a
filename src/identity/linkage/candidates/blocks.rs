//! Blocks of records that agree in a key, and the pairs in them.

use rustc_hash::FxHashSet;

use super::super::chance::mix;
use crate::parallel;

/// Records that agree in all atoms are compared, unless too many do.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) atoms: Vec<usize>,
    /// Pairs that agree, before those of earlier rules are taken out.
    pub(crate) pairs: f64,
    /// Pairs that no earlier rule makes.
    pub(crate) fresh: f64,
    /// Keys in which more records agree than are compared.
    pub(crate) large: FxHashSet<u64>,
}

impl Rule {
    /// The key of a record with these atoms, each of which was also mixed; 0 if it has none.
    pub(super) fn key_of(&self, atoms: &[u32], mixed: &[u64]) -> u64 {
        let (first, rest) = self.atoms.split_first().expect("a rule looks at something");
        let mut key = mixed[*first];
        for &atom in rest {
            if atoms[atom] == 0 {
                return 0;
            }
            key = mix(key ^ u64::from(atoms[atom]));
        }
        if atoms[*first] == 0 { 0 } else { key | 1 }
    }

    /// The key of a record with these atoms; 0 if it has none.
    pub(super) fn key(&self, atoms: impl Fn(usize) -> u32) -> u64 {
        let mut key = 0u64;
        for &atom in &self.atoms {
            let part = atoms(atom);
            if part == 0 {
                return 0;
            }
            key = mix(key ^ u64::from(part));
        }
        key | 1
    }

    /// The atoms as bits.
    pub(super) fn mask(&self) -> u64 {
        self.atoms.iter().fold(0, |mask, atom| mask | 1 << atom)
    }

    /// Whether records that agree in these atoms agree in all of the rule's.
    pub(crate) fn fits(&self, agree: u64) -> bool {
        let mask = self.mask();
        agree & mask == mask
    }

    /// Whether a record with these atoms is in a block that is too large.
    pub(super) fn leaves_out(&self, atoms: impl Fn(usize) -> u32) -> bool {
        !self.large.is_empty() && self.large.contains(&self.key(atoms))
    }
}

/// A key and a record that has it.
pub(super) type Row = (u64, u32);

/// How blocks become pairs.
pub(super) struct Blocking<'a> {
    /// Records in a block that is compared, at most.
    pub(super) block_max: usize,
    /// Rules of which no pair is made again.
    pub(super) earlier: &'a [Rule],
    /// How many atoms a record has.
    pub(super) width: usize,
}

/// What came of the blocks of a piece of work.
pub(super) struct Found<T> {
    pub(super) state: T,
    /// Keys of blocks that were left out.
    pub(super) large: Vec<u64>,
}

/// The rows of all records that have a key, in parts by the first bits of the key.
pub(super) fn parts(threads: usize, records: usize, key: impl Fn(u32) -> u64 + Sync) -> Vec<Vec<Vec<Row>>> {
    parallel::map(threads, records, 65_536, |range| {
        let mut parts: Vec<Vec<Row>> = vec![Vec::new(); PARTS];
        for record in range.start as u32..range.end as u32 {
            let key = key(record);
            if key != 0 {
                parts[(key >> 57) as usize].push((key, record));
            }
        }
        parts
    })
}

/// One part out of each piece.
pub(super) fn part(pieces: &[Vec<Vec<Row>>], at: usize) -> Vec<Row> {
    pieces.iter().flat_map(|parts| &parts[at]).copied().collect()
}

pub(super) const PARTS: usize = 128;

/// The rows of which others may have the key, by key: most have not, and need no sorting.
fn shared(mut rows: Vec<Row>) -> Vec<Row> {
    let size = (rows.len() * 4).next_power_of_two();
    // Of a key, bits that neither the part nor a sample was chosen by.
    let place = |key: u64| (key >> 20) as usize & (size - 1);
    let mut holders = vec![0u8; size];
    for &(key, _) in &rows {
        let count = &mut holders[place(key)];
        *count = count.saturating_add(1);
    }
    rows.retain(|&(key, _)| holders[place(key)] > 1);
    rows.sort_unstable();
    rows
}

impl Blocking<'_> {
    /// Calls `visit` with the pairs of rows that agree in their keys, and in which atoms. `atoms` appends a record's atoms.
    pub(super) fn pairs<T>(
        &self,
        rows: Vec<Row>,
        atoms: impl Fn(u32, &mut Vec<u32>),
        start: impl Fn() -> T,
        visit: impl Fn(&mut T, u32, u32, u64),
    ) -> Found<T> {
        let masks: Vec<u64> = self.earlier.iter().map(Rule::mask).collect();
        let rows = shared(rows);
        let (mut found, mut lists) = (Found { state: start(), large: Vec::new() }, Vec::new());
        for block in rows.chunk_by(|one, other| one.0 == other.0) {
            if block.len() > self.block_max {
                found.large.push(block[0].0);
            } else if block.len() > 1 {
                lists.clear();
                for &(_, record) in block {
                    atoms(record, &mut lists);
                }
                self.pairs_of(block, &lists, &masks, |left, right, agree| {
                    visit(&mut found.state, left, right, agree);
                });
            }
        }
        found
    }

    fn pairs_of(&self, block: &[Row], atoms: &[u32], masks: &[u64], mut visit: impl FnMut(u32, u32, u64)) {
        let atoms = |at: usize| &atoms[at * self.width..][..self.width];
        for (at, &(_, left)) in block.iter().enumerate() {
            let ours = atoms(at);
            for (other, &(_, right)) in block.iter().enumerate().skip(at + 1) {
                let mut agree = 0u64;
                for (atom, (&our, &their)) in ours.iter().zip(atoms(other)).enumerate() {
                    agree |= u64::from(our == their && our != 0) << atom;
                }
                let made = |(rule, &mask): (&Rule, &u64)| agree & mask == mask && !rule.leaves_out(|atom| ours[atom]);
                if !self.earlier.iter().zip(masks).any(made) {
                    visit(left, right, agree);
                }
            }
        }
    }
}
