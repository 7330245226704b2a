//! Work on slices of a range in threads; results come back in the order of the range, whatever the threads did.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` for consecutive pieces of `0..end` of at most `piece` items.
pub(crate) fn map<T: Send>(
    threads: usize,
    end: usize,
    piece: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let pieces = end.div_ceil(piece.max(1));
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(pieces));
    let run = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= pieces {
                return;
            }
            let result = work(at * piece..((at + 1) * piece).min(end));
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(pieces.max(1)) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}
