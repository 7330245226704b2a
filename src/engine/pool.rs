//! How the operators of a query share the memory for queries.
//!
//! DataFusion's fair pool gives each operator that can spill an even part, those too that need nothing: a query has a dozen
//! of them, and a group by of a few million groups went to disk while most of the memory was free. Here, as long as half of
//! the memory is free, each may have what it asks for. The other half is for what cannot spill, such as the kept side of a
//! join, and for even parts.

use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation, human_readable_size,
};

/// Who holds no more has nothing that is worth spilling.
const LITTLE: usize = 64 << 10;

/// A pool of `bytes_max` bytes. Whoever holds next to nothing always gets its even part, so that each query comes to an end.
#[derive(Debug)]
pub(super) struct Pool {
    even: FairSpillPool,
    bytes_max: usize,
    /// Held by who asks: two at a time could both be given what is free.
    asking: Mutex<()>,
}

impl Pool {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { even: FairSpillPool::new(bytes_max), bytes_max, asking: Mutex::new(()) }
    }
}

impl MemoryPool for Pool {
    fn name(&self) -> &'static str {
        "half even"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.even.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.even.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.even.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.even.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let total = self.even.reserved().saturating_add(additional);
        if !reservation.consumer().can_spill() {
            return self.even.try_grow(reservation, additional);
        }
        if total <= self.bytes_max / 2 {
            self.even.grow(reservation, additional);
            return Ok(());
        }
        if total > self.bytes_max && reservation.size() > LITTLE {
            let [wanted, held] = [additional, reservation.size()].map(human_readable_size);
            let name = reservation.consumer().name();
            return Err(resources_datafusion_err!("{name} holds {held} and needs {wanted} more of {self}"));
        }
        self.even.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.even.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes_max)
    }
}

impl Display for Pool {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [used, most] = [self.reserved(), self.bytes_max].map(human_readable_size);
        write!(f, "{}(used: {used}, pool_size: {most})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const MIB: usize = 1 << 20;

    /// A pool of 1,000 MiB, and ten consumers that can spill.
    fn pool() -> (Arc<dyn MemoryPool>, Vec<MemoryReservation>) {
        let pool: Arc<dyn MemoryPool> = Arc::new(Pool::new(1000 * MIB));
        let consumer = |at| MemoryConsumer::new(format!("group by {at}")).with_can_spill(true).register(&pool);
        let consumers = (0..10).map(consumer).collect();
        (pool, consumers)
    }

    #[test]
    fn who_needs_more_than_an_even_part_has_it_while_half_is_free() {
        let (pool, consumers) = pool();
        consumers[0].try_grow(500 * MIB).expect("half is free");
        consumers[0].try_grow(MIB).expect_err("it has more than its part");
        let join = MemoryConsumer::new("join").register(&pool);
        join.try_grow(300 * MIB).expect("it is free");
        assert_eq!(pool.reserved(), 800 * MIB);
        // (1000 − 300) / 10
        consumers[1].try_grow(70 * MIB).expect("its part");
        consumers[1].try_grow(MIB).expect_err("more than its part");
    }

    #[test]
    fn who_holds_nothing_gets_its_part_and_who_can_spill_does_where_nothing_is_free() {
        let (pool, consumers) = pool();
        consumers[0].try_grow(500 * MIB).expect("half is free");
        for consumer in &consumers[1..6] {
            consumer.try_grow(99 * MIB).expect("its part");
        }
        consumers[6].try_grow(100 * MIB).expect("it has nothing to spill");
        consumers[5].try_grow(MIB).expect_err("it can spill");
        MemoryConsumer::new("join").register(&pool).try_grow(MIB).expect_err("nothing is free");
        consumers[0].free();
        consumers[5].try_grow(MIB).expect("half is free again");
    }
}
