//! Allocations, counted on one thread by the counting program.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::memory::{self, measure};
use crate::peers::Peer;
use crate::rows::Sample;

/// Runs counted workloads on this thread only.
pub(super) trait OneThread: Peer {
    fn block_on<T>(work: impl Future<Output = T>) -> T;
}

macro_rules! on_tokio {
    ($($peer:ty),*) => {
        $(impl OneThread for $peer {
            fn block_on<T>(work: impl Future<Output = T>) -> T {
                RUNTIME.with(|runtime| runtime.block_on(work))
            }
        })*
    };
}

use crate::peers::{Ambit, AmbitQueued, Raw};
on_tokio!(Raw, Ambit, AmbitQueued);

#[cfg(feature = "rivals")]
mod rivals {
    use super::{OneThread, RUNTIME};
    use crate::peers::{Actix, Kameo, Ractor, Spawned, Xtra};

    on_tokio!(Kameo, Ractor, Xtra, Spawned);

    impl OneThread for Actix {
        fn block_on<T>(work: impl Future<Output = T>) -> T {
            SYSTEM.with(|system| system.block_on(work))
        }
    }

    thread_local! {
        static SYSTEM: actix_rt::SystemRunner = actix_rt::System::new();
    }
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
}

fn counted(allocations: u64, operations: u64) -> Sample {
    Sample {
        took: Duration::ZERO,
        figures: vec![allocations as f64 / operations as f64],
    }
}

/// Returns the allocations per call, after a warm-up of as many calls.
pub(super) fn per_call<P: OneThread>(operations: u64) -> Sample {
    let server = P::block_on(P::start(None));
    let calls = || {
        P::block_on(async {
            for _ in 0..operations {
                P::get(&server).await;
            }
        });
    };
    calls();
    counted(measure(calls).count, operations)
}

/// Returns the allocations per cast; the queue is drained after every 64, with a call that is counted separately.
pub(super) fn per_cast<P: OneThread>(operations: u64) -> Sample {
    const BATCH: u64 = 64;
    let server = P::block_on(P::start(None));
    let batches = operations / BATCH;
    let work = |casts: u64| {
        P::block_on(async {
            for _ in 0..batches {
                for _ in 0..casts {
                    P::add(&server, 1).await;
                }
                P::get(&server).await;
            }
        });
    };
    work(BATCH);
    let with = measure(|| work(BATCH)).count;
    let without = measure(|| work(0)).count;
    counted(with.saturating_sub(without), batches * BATCH)
}

/// Returns the allocated bytes per server that has been started and called once.
pub(super) fn per_server<P: OneThread>(servers: u64) -> Sample {
    // Memory that the first server of a runtime allocates for all is not counted.
    let first = P::block_on(P::start(None));
    P::block_on(P::get(&first));
    let mut alive = Vec::with_capacity(servers as usize);
    let started = measure(|| {
        P::block_on(async {
            for _ in 0..servers {
                let server = P::start(None).await;
                P::get(&server).await;
                alive.push(server);
            }
        });
    });
    let bytes = started.bytes + let_go::<P>();
    Sample {
        took: Duration::ZERO,
        figures: vec![bytes as f64 / servers as f64],
    }
}

/// Waits until no more memory is freed; returns the change in bytes, as a negative number.
fn let_go<P: OneThread>() -> i64 {
    const LOOK: Duration = Duration::from_millis(100);
    let mut bytes = 0;
    let mut quiet = 0;
    for _ in 0..memory::PATIENCE.as_millis() / LOOK.as_millis() {
        let change = measure(|| P::block_on(async { tokio::time::sleep(LOOK).await })).bytes;
        bytes += change;
        quiet = if change.abs() < 1024 { quiet + 1 } else { 0 };
        if quiet == 5 {
            break;
        }
    }
    bytes
}
