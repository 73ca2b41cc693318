//! The parallelism of servers that compute when they are called together.

use std::time::Duration;

use futures_util::future::join_all;

use crate::peers::Peer;
use crate::rows::{Sample, timed};
use crate::workload::steps_for;

const SERVERS: usize = 8;
const EACH: Duration = Duration::from_millis(5);

/// Calls eight servers together, and one after another; each computes for five milliseconds.
pub(super) fn join<P: Peer>(times: u64) -> Sample {
    let steps = steps_for(EACH);
    P::run(async move {
        let mut servers = Vec::new();
        for _ in 0..SERVERS {
            servers.push(P::start_for_computing().await);
        }
        // A framework may have to learn that these handlers are slow.
        for _ in 0..2 {
            join_all(servers.iter().map(|server| P::crunch(server, steps))).await;
        }
        let mut together = Duration::ZERO;
        let mut in_turn = Duration::ZERO;
        for _ in 0..times {
            let all = join_all(servers.iter().map(|server| P::crunch(server, steps)));
            together += timed(async { drop(all.await) }).await;
            in_turn += timed(async {
                for server in &servers {
                    P::crunch(server, steps).await;
                }
            })
            .await;
        }
        Sample {
            took: together,
            figures: vec![
                together.as_secs_f64() * 1e3 / times as f64,
                in_turn.as_secs_f64() / together.as_secs_f64(),
            ],
        }
    })
}
