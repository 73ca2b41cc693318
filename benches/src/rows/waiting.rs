//! Servers that wait, and callers that have to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::peers::{Peer, Waiting};
use crate::rows::{Sample, timed};
use crate::stats::quantile;

const CASTERS: usize = 4;

/// A call whose handler awaits the other end of a stream.
pub(super) fn stream<P: Waiting>(operations: u64) -> Sample {
    P::run(async move {
        let proxy = P::proxy().await;
        let took = timed(async {
            for _ in 0..operations {
                assert_eq!(P::ask(&proxy).await, 16);
            }
        });
        Sample::per_operation(took.await, operations)
    })
}

/// Calls while four senders keep the mailbox full: the slow calls, in microseconds.
pub(super) fn tail<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let enough = Arc::new(AtomicBool::new(false));
        let produce = |_| {
            let (counter, enough) = (counter.clone(), enough.clone());
            P::spawn(async move {
                while !enough.load(Ordering::Relaxed) {
                    P::add(&counter, 1).await;
                }
            })
        };
        let producers: Vec<_> = (0..CASTERS).map(produce).collect();
        let mut waits = Vec::new();
        let took = timed(async {
            for _ in 0..operations {
                let asked = Instant::now();
                P::get(&counter).await;
                waits.push(asked.elapsed().as_nanos() as f64 / 1e3);
            }
        });
        let took = took.await;
        enough.store(true, Ordering::Relaxed);
        for producer in producers {
            producer.await.expect("producers do not panic");
        }
        waits.sort_by(f64::total_cmp);
        let figures = [0.5, 0.99, 0.999].map(|part| quantile(&waits, part));
        Sample {
            took,
            figures: figures.to_vec(),
        }
    })
}
