//! Calls, casts, payloads, and rings of servers.

use crate::latch::Latch;
use crate::peers::{FanOut, Peer, Ring};
use crate::rows::{Sample, timed};

const MANY: u64 = 64;
const PRODUCERS: u64 = 4;
const NODES: usize = 1000;
const SUBSCRIBERS: usize = 10_000;

/// One caller, one call after another.
pub(super) fn call<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let took = timed(calls::<P>(counter, operations)).await;
        Sample::per_operation(took, operations)
    })
}

async fn calls<P: Peer>(counter: P::Counter, operations: u64) {
    for _ in 0..operations {
        P::get(&counter).await;
    }
}

/// 64 callers of one server.
pub(super) fn call_many_to_one<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let counters = (0..MANY).map(|_| counter.clone()).collect();
        many_callers::<P>(counters, operations).await
    })
}

/// 64 callers, each with a server of its own.
pub(super) fn call_many_to_many<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let mut counters = Vec::new();
        for _ in 0..MANY {
            counters.push(P::start(None).await);
        }
        many_callers::<P>(counters, operations).await
    })
}

async fn many_callers<P: Peer>(counters: Vec<P::Counter>, operations: u64) -> Sample {
    let each = operations.div_ceil(MANY);
    let took = timed(async {
        let call = |counter| P::spawn(calls::<P>(counter, each));
        let callers: Vec<_> = counters.into_iter().map(call).collect();
        for caller in callers {
            caller.await.expect("callers do not panic");
        }
    });
    Sample::per_operation(took.await, each * MANY)
}

/// One sender; the time ends when all casts are handled.
pub(super) fn cast<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let took = timed(async {
            casts::<P>(counter.clone(), operations).await;
            handled::<P>(&counter, operations).await;
        });
        Sample::per_operation(took.await, operations)
    })
}

async fn casts<P: Peer>(counter: P::Counter, operations: u64) {
    for _ in 0..operations {
        P::add(&counter, 1).await;
    }
}

/// Calls until all casts have been handled: a call may overtake the casts of other senders.
async fn handled<P: Peer>(counter: &P::Counter, operations: u64) {
    while P::get(counter).await < operations {
        tokio::task::yield_now().await;
    }
}

/// Four senders.
pub(super) fn cast_many<P: Peer>(operations: u64) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let each = operations.div_ceil(PRODUCERS);
        let took = timed(async {
            let produce = |_| P::spawn(casts::<P>(counter.clone(), each));
            let producers: Vec<_> = (0..PRODUCERS).map(produce).collect();
            for producer in producers {
                producer.await.expect("producers do not panic");
            }
            handled::<P>(&counter, each * PRODUCERS).await;
        });
        Sample::per_operation(took.await, each * PRODUCERS)
    })
}

pub(super) fn echo_1_kib<P: Peer>(operations: u64) -> Sample {
    echo::<P>(operations, 1 << 10)
}

pub(super) fn echo_64_kib<P: Peer>(operations: u64) -> Sample {
    echo::<P>(operations, 1 << 16)
}

/// A new `Vec` for each call, moved there and back.
fn echo<P: Peer>(operations: u64, size: usize) -> Sample {
    P::run(async move {
        let counter = P::start(None).await;
        let took = timed(async {
            for _ in 0..operations {
                let back = P::echo(&counter, vec![7; size]).await;
                assert_eq!(back.len(), size);
            }
        });
        Sample::per_operation(took.await, operations)
    })
}

/// A token passes through a thousand servers.
pub(super) fn ring<P: Ring>(hops: u64) -> Sample {
    P::run(async move {
        let done = Latch::new(1);
        let first = P::node(done.clone()).await;
        let mut last = first.clone();
        for _ in 1..NODES {
            let node = P::node(done.clone()).await;
            P::join(&last, node.clone()).await;
            last = node;
        }
        P::join(&last, first.clone()).await;
        let took = timed(async {
            P::token(&first, hops).await;
            done.wait().await;
        });
        Sample::per_operation(took.await, hops)
    })
}

/// Repeated messages to ten thousand subscribers; the time per delivery.
pub(super) fn fan_out<P: FanOut>(operations: u64) -> Sample {
    P::run(async move {
        let heard = Latch::new(SUBSCRIBERS);
        let topic = P::topic(SUBSCRIBERS, &heard).await;
        P::publish(&topic).await;
        heard.wait().await;
        let times = operations.div_ceil(SUBSCRIBERS as u64);
        let took = timed(async {
            for _ in 0..times {
                heard.reset(SUBSCRIBERS);
                P::publish(&topic).await;
                heard.wait().await;
            }
        });
        Sample::per_operation(took.await, times * SUBSCRIBERS as u64)
    })
}
