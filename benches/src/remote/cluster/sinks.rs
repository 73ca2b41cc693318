//! The members of a node that receive broadcasts, and the number of messages that they have received.

use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;
use tokio::sync::Notify;

use super::{TICKS, node};
use crate::remote::system::Failure;

#[derive(Clone, Message)]
#[message(name = "bench.tick")]
pub(super) struct Tick;

static RECEIVED: AtomicU64 = AtomicU64::new(0);
/// The number at which the waiting process is woken.
static TARGET: AtomicU64 = AtomicU64::new(u64::MAX);
static REACHED: Notify = Notify::const_new();

/// Starts members of the group.
pub(super) fn add(count: u64) -> Result<(), Failure> {
    let sinks = (0..count).map(|_| ambit::spawn(receive));
    Ok(node().groups().join_all(TICKS, sinks.collect::<Vec<_>>())?)
}

async fn receive(mut inbox: Inbox<Tick>) {
    while inbox.recv().await.is_some() {
        // The order of these two and of the two in `received` is the same for all threads.
        let received = RECEIVED.fetch_add(1, Ordering::SeqCst) + 1;
        if received >= TARGET.load(Ordering::SeqCst) {
            REACHED.notify_one();
        }
    }
}

/// Waits until the members of this node have received this many messages.
pub(super) async fn received(total: u64) {
    TARGET.store(total, Ordering::SeqCst);
    while RECEIVED.load(Ordering::SeqCst) < total {
        REACHED.notified().await;
    }
}
