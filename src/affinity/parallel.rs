//! Work on numbered pieces in threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` for each of `pieces` pieces, with the thread's own `T`; gives the threads' values, in no order.
pub(super) fn fold<T: Default + Send>(threads: usize, pieces: usize, work: impl Fn(&mut T, usize) + Sync) -> Vec<T> {
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
        all.extend(
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
        );
        all
    })
}
