//! Long messages and long errors, which share the capacity of a session.

use std::time::Duration;

use ambit::error::CallError;
use ambit::prelude::*;
use ambit_dist::Limits;

use crate::two_nodes::pair::{Pair, pair_within};

const SECOND: Duration = Duration::from_secs(1);

/// Nearly the longest message.
const LONG: usize = 900 << 10;

/// Counts the bytes that it receives.
struct Sink(u64);

#[gen_server(remote = "test.sink")]
impl Sink {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[cast]
    fn take(&mut self, bytes: Vec<u8>) {
        self.0 += bytes.len() as u64;
    }

    #[call]
    fn taken(&self) -> u64 {
        self.0
    }

    #[cast]
    fn end(&mut self) -> Result<(), ExitReason> {
        Err(ExitReason::Normal)
    }

    #[call]
    fn fail(&self, length: usize) {
        ambit::test::expect_crash(ambit::self_pid().unwrap());
        panic!("{}", "x".repeat(length));
    }
}

async fn sinks() -> Pair {
    // Two long messages use up the capacity.
    let pair = pair_within(
        &Limits::default()
            .max_message(1 << 20)
            .partial_bytes(2 << 20),
    )
    .await;
    pair.far.expose::<Sink>();
    pair
}

#[ambit::test]
async fn long_messages_to_ended_processes_leave_capacity_for_others() {
    let pair = sinks().await;
    let far = pair.near.on("far");
    let running = far.start::<Sink>(()).await.unwrap();
    for _ in 0..5 {
        let ended = far.start::<Sink>(()).await.unwrap();
        // The message follows the end of the process, which this node has not been notified of.
        ended.end().await.unwrap();
        ended.take(vec![0; LONG]).await.ok();
        ended.closed().await;
    }
    running.take(vec![0; LONG]).timeout(SECOND).await.unwrap();
    let taken = running.taken().timeout(SECOND).await;
    assert_eq!(taken, Ok(LONG as u64));
}

#[ambit::test]
async fn an_error_too_long_for_a_message_arrives_without_its_text() {
    let pair = sinks().await;
    let far = pair.near.on("far");
    let failing = far.start::<Sink>(()).await.unwrap();
    let monitor = failing.monitor();
    let failed = failing.fail(2 << 20).timeout(SECOND).await;
    let Err(CallError::Exited { reason, .. }) = failed else {
        panic!("{failed:?}")
    };
    let text = reason.to_string();
    assert!(text.contains("too long for the other node"), "{text}");
    let down = tokio::time::timeout(SECOND, monitor).await;
    assert!(down.is_ok(), "nothing is blocked");
    let other = far.start::<Sink>(()).await.unwrap();
    assert_eq!(other.taken().timeout(SECOND).await, Ok(0));
}
