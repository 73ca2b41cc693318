//! Calls whose callers do not wait until the server can take them.

use std::future::Future;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Limits;

use crate::two_nodes::pair::{Pair, pair, pair_within};

const SECOND: Duration = Duration::from_secs(1);

/// Handles one call at a time, and counts them.
struct Desk(u64);

#[gen_server(remote = "test.desk", mailbox = 1)]
impl Desk {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[call]
    async fn serve(&mut self) -> u64 {
        tokio::time::sleep(5 * SECOND).await;
        self.0 += 1;
        self.0
    }

    #[call]
    fn served(&self) -> u64 {
        self.0
    }
}

async fn desk(pair: &Pair) -> DeskSubject {
    pair.far.expose::<Desk>();
    pair.near.on("far").start::<Desk>(()).await.unwrap()
}

/// Polls a call for a second, and drops it.
async fn given_up(call: impl Future) {
    assert!(tokio::time::timeout(SECOND, call).await.is_err());
}

#[ambit::test]
async fn a_dropped_call_that_waits_for_a_full_mailbox_of_another_node_does_not_run() {
    let pair = pair().await;
    let desk = desk(&pair).await;
    let running = desk.serve().no_timeout().send();
    given_up(std::future::pending::<()>()).await;
    let queued = desk.serve().no_timeout().send();
    given_up(std::future::pending::<()>()).await;
    // The first waits for capacity at the other node, and the second behind it.
    let first = desk.serve().no_timeout();
    let second = desk.serve().no_timeout();
    tokio::join!(given_up(first), given_up(second));
    let last = desk.serve().no_timeout().send();
    assert_eq!((running.await, queued.await), (Ok(1), Ok(2)));
    assert_eq!(last.await, Ok(3));
    assert_eq!(desk.served().await, Ok(3));
}

#[ambit::test]
async fn a_call_that_waits_at_the_other_node_counts_as_a_pending_answer() {
    let pair = pair_within(&Limits::default().asks(3)).await;
    let desk = desk(&pair).await;
    let calls: Vec<_> = (0..5).map(|_| desk.serve().no_timeout().send()).collect();
    let mut refused = 0;
    for call in calls {
        refused += u64::from(call.await == Err(CallError::Full));
    }
    assert_eq!(refused, 2, "one runs, one is queued, and one waits");
}

#[ambit::test]
async fn a_call_with_less_than_a_millisecond_left_is_delivered() {
    let pair = pair().await;
    let desk = desk(&pair).await;
    let served = desk.served().timeout(Duration::from_micros(900)).await;
    assert_eq!(served, Ok(0));
}

#[ambit::test]
async fn a_node_that_was_stopped_does_not_count_the_others_as_silent() {
    let pair = pair().await;
    let mut events = pair.near.events();
    tokio::time::advance(10 * SECOND).await;
    given_up(events.next()).await;
    assert!(pair.near.peer("far").is_some() && pair.far.peer("near").is_some());
}
