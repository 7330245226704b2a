//! Work on numbered pieces in threads.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Calls `work` for each of `pieces` pieces, with the thread's own `T`; gives the threads' values, in no order.
pub(crate) fn fold<T: Default + Send>(threads: usize, pieces: usize, work: impl Fn(&mut T, usize) + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut own = T::default();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return own;
            }
            work(&mut own, piece);
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(pieces)).map(|_| scope.spawn(run)).collect();
        let mut all = vec![run()];
        all.extend(others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
        all
    })
}

/// Calls `work` for consecutive pieces of `0..end` of at most `piece` items; results come back in the order of the range,
/// whatever the threads did.
pub(crate) fn map<T: Send>(
    threads: usize,
    end: usize,
    piece: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let piece = piece.max(1);
    let pieces = end.div_ceil(piece);
    let done = fold(threads, pieces, |done: &mut Vec<(usize, T)>, at| {
        done.push((at, work(at * piece..((at + 1) * piece).min(end))));
    });
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Calls `work` for consecutive pieces of `items` of at most `piece` of them, with the place of the first: what is made
/// lies where it stays.
pub(crate) fn fill<T: Send>(threads: usize, items: &mut [T], piece: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let piece = piece.max(1);
    let pieces = items.len().div_ceil(piece);
    let waiting = Mutex::new(items.chunks_mut(piece).enumerate());
    fold(threads, pieces, |(): &mut (), _| {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        if let Some((at, items)) = next {
            work(at * piece, items);
        }
    });
}

/// Does two things at once.
pub(crate) fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        (one(), other.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_filled_once_whatever_the_pieces_and_threads() {
        for (items, piece, threads) in [(0, 3, 2), (1, 3, 8), (10, 3, 1), (10, 3, 4), (12, 0, 2), (1000, 7, 8)] {
            let mut filled = vec![0; items];
            fill(threads, &mut filled, piece, |start, items| {
                items.iter_mut().zip(start..).for_each(|(item, at)| *item += at + 1);
            });
            assert!(filled.into_iter().eq(1..=items), "{items} items in pieces of {piece}");
        }
    }
}
