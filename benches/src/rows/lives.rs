//! Starts, ends, restarts, and very many servers.

use std::time::Duration;

use crate::latch::{Hit, Latch};
use crate::memory;
use crate::peers::{Peer, Skynet, Supervised, Timers};
use crate::rows::{Sample, timed};

/// Starts all servers, then stops all; the time ends when the state of the last one is dropped.
pub(super) fn start_and_stop<P: Peer>(servers: u64) -> Sample {
    P::run(async move {
        let gone = Latch::new(servers as usize);
        let took = timed(async {
            let mut alive = Vec::with_capacity(servers as usize);
            for _ in 0..servers {
                alive.push(P::start(Some(Hit(gone.clone()))).await);
            }
            for server in alive {
                P::stop(server).await;
            }
            gone.wait().await;
        });
        Sample::per_operation(took.await, servers)
    })
}

/// Starts very many servers and calls each once, so that its start has completed; measures the time and the resident
/// memory for each.
pub(super) fn many_idle<P: Peer>(servers: u64) -> Sample {
    P::run(async move {
        let before = memory::resident();
        let mut alive = Vec::with_capacity(servers as usize);
        let took = timed(async {
            for _ in 0..servers {
                alive.push(P::start(None).await);
            }
            for server in &alive {
                P::get(server).await;
            }
        });
        let took = took.await;
        let held = memory::resident().saturating_sub(before) as f64;
        let count = servers as f64;
        Sample {
            took,
            figures: vec![took.as_nanos() as f64 / count, held / count],
        }
    })
}

/// A tree of actors, ten children each.
pub(super) fn skynet<P: Skynet>(leaves: u64) -> Sample {
    P::run(async move {
        let took = timed(async {
            assert_eq!(P::skynet(leaves).await, leaves * (leaves - 1) / 2);
        });
        // 1 + 10 + .. + leaves
        Sample::per_operation(took.await, (leaves * 10 - 1) / 9)
    })
}

pub(super) fn restart<P: Supervised>(operations: u64) -> Sample {
    P::run(async move {
        let tree = P::tree().await;
        let took = timed(async {
            for _ in 0..operations {
                P::crash(&tree).await;
            }
        });
        Sample::per_operation(took.await, operations)
    })
}

pub(super) fn timers<P: Timers>(operations: u64) -> Sample {
    P::run(async move {
        let took = timed(P::arm_and_cancel(operations, Duration::from_secs(60)));
        Sample::per_operation(took.await, operations)
    })
}
