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
    pub(super) fn of(atoms: Vec<usize>) -> Self {
        Self { atoms, pairs: 0.0, fresh: 0.0, large: FxHashSet::default() }
    }

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

/// Takes one in so many keys: those that can be divided by it, found without a division (Granlund and Montgomery, 1994).
#[derive(Clone, Copy)]
pub(super) struct OneIn {
    /// Of the odd part, modulo 2⁶⁴.
    inverse: u64,
    twos: u32,
    most: u64,
}

impl OneIn {
    /// One in `count`, which is not 0.
    pub(super) fn new(count: u64) -> Self {
        let odd = count >> count.trailing_zeros();
        // Each round of Newton's method doubles the bits that are right, of which there are three at first.
        let refine = |inverse: u64, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        let inverse = (0..5).fold(odd, refine);
        Self { inverse, twos: count.trailing_zeros(), most: u64::MAX / count }
    }

    /// A key if it is taken, else 0: blocks are taken as a whole.
    pub(super) fn sampled(self, key: u64) -> u64 {
        let quotient = (key >> 1).wrapping_mul(self.inverse).rotate_right(self.twos);
        if quotient <= self.most { key } else { 0 }
    }
}

/// A key and a record that has it.
pub(super) type Row = (u64, u32);

/// How blocks become pairs.
pub(super) struct Blocking<'a> {
    /// Records in a block that is compared, at most.
    block_max: usize,
    /// Rules of which no pair is made again.
    earlier: Earlier<'a>,
    /// How many atoms a record has.
    width: usize,
}

/// Rules, laid out so that one look tells whether one of them makes a pair, however many they are.
struct Earlier<'a> {
    /// Atoms that are a rule alone, as bits.
    alone: u64,
    /// Per atom: those that are a rule together with it, as bits.
    partners: Vec<u64>,
    /// Rules that do not make all such pairs, or look at more, with their atoms as bits.
    others: Vec<(&'a Rule, u64)>,
}

impl<'a> Earlier<'a> {
    fn new(rules: &'a [Rule], width: usize) -> Self {
        let mut earlier = Self { alone: 0, partners: vec![0; width], others: Vec::new() };
        for rule in rules {
            match rule.atoms[..] {
                [atom] if rule.large.is_empty() => earlier.alone |= 1 << atom,
                [one, other] if rule.large.is_empty() => earlier.partners[one] |= 1 << other,
                _ => earlier.others.push((rule, rule.mask())),
            }
        }
        earlier
    }

    /// Whether one of the rules makes a pair whose records agree in these atoms, which are the record's.
    fn make(&self, agree: u64, atoms: &[u32]) -> bool {
        let mut left = agree;
        while left != 0 {
            if agree & self.partners[left.trailing_zeros() as usize] != 0 {
                return true;
            }
            left &= left - 1;
        }
        let makes = |&(rule, mask): &(&Rule, u64)| agree & mask == mask && !rule.leaves_out(|atom| atoms[atom]);
        agree & self.alone != 0 || self.others.iter().any(makes)
    }
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

impl<'a> Blocking<'a> {
    /// Pairs of blocks of at most `block_max` records, which have `width` atoms each, that no `earlier` rule makes.
    pub(super) fn new(block_max: usize, earlier: &'a [Rule], width: usize) -> Self {
        Self { block_max, earlier: Earlier::new(earlier, width), width }
    }

    /// Calls `visit` with the pairs of rows that agree in their keys, and in which atoms. `atoms` appends a record's atoms.
    pub(super) fn pairs<T>(
        &self,
        rows: Vec<Row>,
        atoms: impl Fn(u32, &mut Vec<u32>),
        start: impl Fn() -> T,
        visit: impl Fn(&mut T, u32, u32, u64),
    ) -> Found<T> {
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
                self.pairs_of(block, &lists, |left, right, agree| {
                    visit(&mut found.state, left, right, agree);
                });
            }
        }
        found
    }

    fn pairs_of(&self, block: &[Row], atoms: &[u32], mut visit: impl FnMut(u32, u32, u64)) {
        let atoms = |at: usize| &atoms[at * self.width..][..self.width];
        for (at, &(_, left)) in block.iter().enumerate() {
            let ours = atoms(at);
            for (other, &(_, right)) in block.iter().enumerate().skip(at + 1) {
                let mut agree = 0u64;
                for (atom, (&our, &their)) in ours.iter().zip(atoms(other)).enumerate() {
                    agree |= u64::from(our == their && our != 0) << atom;
                }
                if !self.earlier.make(agree, ours) {
                    visit(left, right, agree);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_so_many_keys_is_taken() {
        for count in [1, 2, 3, 4, 6, 7, 12, 40, 63, 64, 1000, 1 << 40] {
            let keys = (0..5000).chain((0..5000).map(|at| mix(at) / count * count)).chain([u64::MAX, u64::MAX - 1]);
            for number in keys.map(|key| key >> 1) {
                let (key, taken) = (number << 1 | 1, number.is_multiple_of(count));
                assert_eq!(OneIn::new(count).sampled(key), if taken { key } else { 0 }, "{number} / {count}");
            }
        }
    }

    #[test]
    fn a_pair_is_made_by_a_rule_whose_atoms_agree_in_a_block_that_is_not_too_large() {
        let rule = |atoms: &[usize], large: &[u64]| Rule {
            atoms: atoms.to_vec(),
            pairs: 0.0,
            fresh: 0.0,
            large: large.iter().copied().collect(),
        };
        let atoms = [5, 6, 7, 8, 9, 10];
        let too_large = rule(&[3], &[]).key(|atom| atoms[atom]);
        let rules =
            [rule(&[0], &[]), rule(&[1, 4], &[]), rule(&[3], &[too_large]), rule(&[2, 3], &[]), rule(&[5], &[1])];
        let earlier = Earlier::new(&rules, atoms.len());
        for agree in 0..1u64 << atoms.len() {
            let makes = |rule: &Rule| rule.fits(agree) && !rule.leaves_out(|atom| atoms[atom]);
            assert_eq!(earlier.make(agree, &atoms), rules.iter().any(makes), "{agree:b}");
        }
    }
}
