//! Lookups of servers.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::peers::{Named, Via};
use crate::rows::{Sample, timed};

const NAMES: usize = 1000;

/// Returns different names each time: some registries live as long as the process.
fn names() -> Vec<String> {
    static TIMES: AtomicUsize = AtomicUsize::new(0);
    let time = TIMES.fetch_add(1, Ordering::Relaxed);
    let name = |number| format!("server {time} {number}");
    (0..NAMES).map(name).collect()
}

/// Looks up a thousand names in turn.
pub(super) fn look_up<P: Named>(operations: u64) -> Sample {
    P::run(async move {
        let names = names();
        let mut servers = Vec::new();
        for name in &names {
            servers.push(P::start_as(name).await);
        }
        let took = timed(async {
            for turn in 0..operations as usize {
                let found = P::look_up(&names[turn % NAMES]);
                assert!(found.is_some());
            }
        });
        Sample::per_operation(took.await, operations)
    })
}

/// Looks up a name and calls the registered server.
pub(super) fn look_up_and_call<P: Named>(operations: u64) -> Sample {
    P::run(async move {
        let names = names();
        let mut servers = Vec::new();
        for name in &names {
            servers.push(P::start_as(name).await);
        }
        let took = timed(async {
            for turn in 0..operations as usize {
                let found = P::look_up(&names[turn % NAMES]);
                P::get(&found.expect("it runs")).await;
            }
        });
        Sample::per_operation(took.await, operations)
    })
}

/// Calls through handles that follow a name.
pub(super) fn call_via<P: Via>(operations: u64) -> Sample {
    P::run(async move {
        let followers = P::followers(&names()).await;
        let took = timed(async {
            for turn in 0..operations as usize {
                P::get_via(&followers, turn % NAMES).await;
            }
        });
        Sample::per_operation(took.await, operations)
    })
}
