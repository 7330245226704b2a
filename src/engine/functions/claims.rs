//! The claims that [`super::survivor`] weighs, for all groups at once: one [`Winner`] per group, the bytes of the winners
//! in one heap, and the values that lost in one list of [`Rival`]s. A group whose records agree costs no list entry.

use std::cmp::Ordering;
use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::latest::NEVER;
use super::values::{Heap, Span};

/// By what claims are weighed before their record's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rank {
    pub(super) trust: f64,
    /// [`NEVER`] stands for NULL.
    pub(super) at: i64,
}

impl Rank {
    fn cmp(self, other: Self) -> Ordering {
        self.trust.total_cmp(&other.trust).then(self.at.cmp(&other.at))
    }

    fn max(self, other: Self) -> Self {
        if self.cmp(other).is_lt() { other } else { self }
    }
}

/// One claim, or several of the same value from an earlier phase, whose best it is.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    pub(super) value: &'a [u8],
    pub(super) rank: Rank,
    /// UTF-8; empty stands for NULL.
    pub(super) record_id: &'a [u8],
    /// How many records make it.
    pub(super) records: u32,
}

/// What became of a group in which somebody claims something.
pub(super) struct Verdict<'a> {
    /// The winning claim, made by all the records that agree.
    pub(super) winner: Claim<'a>,
    /// How many records claim other values.
    pub(super) disagreeing: u32,
    /// How many other values they claim.
    pub(super) rivals: u32,
    /// By what the winner beat the best claim of another value: only, agreed, trust, recency or tie.
    pub(super) reason: &'static str,
}

/// The winning claim of a group; none while `agreeing` is 0.
#[derive(Debug, Clone, Copy)]
struct Winner {
    rank: Rank,
    /// The value's bytes, then the record's.
    claim: Span,
    value_len: u32,
    /// Records that claim the value.
    agreeing: u32,
    /// The first of the values that lost, or [`END`].
    rivals: u32,
}

const NOBODY: Winner =
    Winner { rank: Rank { trust: 0.0, at: NEVER }, claim: Span::EMPTY, value_len: 0, agreeing: 0, rivals: END };

/// A value that lost. Values are told apart by 64 bits of hash: among the few of one group, a collision is no concern.
#[derive(Debug, Clone, Copy)]
struct Rival {
    hash: u64,
    /// Of its best claim.
    rank: Rank,
    records: u32,
    next: u32,
}

/// The end of a list.
const END: u32 = u32::MAX;

fn hash(value: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(value);
    hasher.finish()
}

/// The winners of all groups and what they won against.
pub(super) struct Claims {
    winners: Vec<Winner>,
    heap: Heap,
    rivals: Vec<Rival>,
    /// The first of the entries of `rivals` that nobody uses, or [`END`].
    free: u32,
}

impl Claims {
    pub(super) fn new() -> Self {
        Self { winners: Vec::new(), heap: Heap::default(), rivals: Vec::new(), free: END }
    }

    pub(super) fn len(&self) -> usize {
        self.winners.len()
    }

    pub(super) fn resize(&mut self, groups: usize) {
        self.winners.resize(groups, NOBODY);
    }

    /// Takes in a claim: it wins, joins the winner, or joins those who lost.
    pub(super) fn add(&mut self, group: usize, claim: Claim) {
        let winner = self.winners[group];
        let mut agreeing = claim.records;
        let mut rivals = winner.rivals;
        if winner.agreeing > 0 {
            let (value, record_id) = self.value_and_record(&winner);
            let order = (claim.rank.cmp(winner.rank))
                .then_with(|| record_id.cmp(claim.record_id))
                .then_with(|| value.cmp(claim.value));
            if value == claim.value {
                agreeing += winner.agreeing;
                if order.is_le() {
                    self.winners[group].agreeing = agreeing;
                    return;
                }
            } else if order.is_le() {
                self.winners[group].rivals = self.lose(rivals, hash(claim.value), claim.rank, claim.records);
                return;
            } else {
                let dethroned = hash(value);
                let made_before;
                (rivals, made_before) = self.take(rivals, hash(claim.value));
                agreeing += made_before;
                rivals = self.lose(rivals, dethroned, winner.rank, winner.agreeing);
            }
        }
        let span = self.heap.replace(winner.claim, &[claim.value, claim.record_id]);
        let value_len = claim.value.len() as u32;
        self.winners[group] = Winner { rank: claim.rank, claim: span, value_len, agreeing, rivals };
    }

    /// Takes in the values that lost in an earlier phase, as [`Claims::pack_rivals`] wrote them. The winner of that phase
    /// has been taken in before, so none of them can win.
    pub(super) fn add_rivals(&mut self, group: usize, packed: &[u8]) {
        for Rival { hash: rival, rank, records, .. } in packed.chunks_exact(RIVAL_BYTES).map(unpack) {
            let winner = self.winners[group];
            if hash(self.value_and_record(&winner).0) == rival {
                self.winners[group].agreeing += records;
            } else {
                self.winners[group].rivals = self.lose(winner.rivals, rival, rank, records);
            }
        }
    }

    /// Appends the values that lost in `group`.
    pub(super) fn pack_rivals(&self, group: usize, out: &mut Vec<u8>) {
        for rival in self.rivals(&self.winners[group]) {
            pack(rival, out);
        }
    }

    /// The winning claim of `group`, if there is one.
    pub(super) fn winner(&self, group: usize) -> Option<Claim<'_>> {
        let winner = &self.winners[group];
        let (value, record_id) = self.value_and_record(winner);
        (winner.agreeing > 0).then_some(Claim { value, rank: winner.rank, record_id, records: winner.agreeing })
    }

    /// The winning claim of `group` and why it won.
    pub(super) fn verdict(&self, group: usize) -> Option<Verdict<'_>> {
        let winner = self.winner(group)?;
        let (mut rivals, mut disagreeing, mut best) = (0, 0, None::<Rank>);
        for rival in self.rivals(&self.winners[group]) {
            rivals += 1;
            disagreeing += rival.records;
            best = Some(best.map_or(rival.rank, |best| best.max(rival.rank)));
        }
        let reason = match best {
            None if winner.records == 1 => "only",
            None => "agreed",
            Some(best) if best.trust < winner.rank.trust => "trust",
            Some(best) if best.at < winner.rank.at => "recency",
            Some(_) => "tie",
        };
        Some(Verdict { winner, disagreeing, rivals, reason })
    }

    /// Drops the first `groups` groups.
    pub(super) fn drop_first(&mut self, groups: usize) {
        if groups == self.winners.len() {
            *self = Self::new();
            return;
        }
        for winner in self.winners.drain(..groups) {
            self.heap.release(winner.claim);
            let mut rival = winner.rivals;
            while rival != END {
                let next = std::mem::replace(&mut self.rivals[rival as usize].next, self.free);
                (self.free, rival) = (rival, next);
            }
        }
    }

    /// Gives memory back if much of it is waste; to be called once per batch.
    pub(super) fn tidy(&mut self) {
        if self.heap.is_wasteful() {
            self.heap.compact(self.winners.iter_mut().map(|winner| &mut winner.claim));
        }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.winners.capacity() * size_of::<Winner>() + self.rivals.capacity() * size_of::<Rival>() + self.heap.size()
    }

    fn value_and_record(&self, winner: &Winner) -> (&[u8], &[u8]) {
        self.heap.get(winner.claim).split_at(winner.value_len as usize)
    }

    fn rivals(&self, winner: &Winner) -> impl Iterator<Item = &Rival> {
        let get = |at: u32| self.rivals.get(at as usize);
        std::iter::successors(get(winner.rivals), move |rival| get(rival.next))
    }

    /// Counts `records` more claims of a value that lost; gives the list's head.
    fn lose(&mut self, head: u32, hash: u64, rank: Rank, records: u32) -> u32 {
        let mut at = head;
        while at != END {
            let rival = &mut self.rivals[at as usize];
            if rival.hash == hash {
                rival.rank = rival.rank.max(rank);
                rival.records += records;
                return head;
            }
            at = rival.next;
        }
        let rival = Rival { hash, rank, records, next: head };
        if self.free == END {
            self.rivals.push(rival);
            return u32::try_from(self.rivals.len() - 1).expect("fewer than 2³² values lose");
        }
        let at = self.free;
        self.free = self.rivals[at as usize].next;
        self.rivals[at as usize] = rival;
        at
    }

    /// Takes a value out of the list; gives the list's head and how many records claimed it.
    fn take(&mut self, head: u32, hash: u64) -> (u32, u32) {
        let mut before = END;
        let mut at = head;
        while at != END {
            let Rival { hash: other, records, next, .. } = self.rivals[at as usize];
            if other == hash {
                self.rivals[at as usize].next = self.free;
                self.free = at;
                if before == END {
                    return (next, records);
                }
                self.rivals[before as usize].next = next;
                return (head, records);
            }
            (before, at) = (at, next);
        }
        (head, 0)
    }
}

/// Hash, trust and time of eight bytes each, records of four.
const RIVAL_BYTES: usize = 28;

fn pack(rival: &Rival, out: &mut Vec<u8>) {
    out.extend_from_slice(&rival.hash.to_le_bytes());
    out.extend_from_slice(&rival.rank.trust.to_le_bytes());
    out.extend_from_slice(&rival.rank.at.to_le_bytes());
    out.extend_from_slice(&rival.records.to_le_bytes());
}

fn unpack(bytes: &[u8]) -> Rival {
    let eight = |at: usize| bytes[at..at + 8].try_into().expect("eight bytes");
    let rank = Rank { trust: f64::from_le_bytes(eight(8)), at: i64::from_le_bytes(eight(16)) };
    let records = u32::from_le_bytes(bytes[24..28].try_into().expect("four bytes"));
    Rival { hash: u64::from_le_bytes(eight(0)), rank, records, next: END }
}
