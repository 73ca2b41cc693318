//! The effects of a network cut on two nodes, independent of how it is made.

use std::fmt;
use std::time::Duration;

use ambit::error::{CallError, Executed};
use ambit::process::{ExitReason, InboxEvent};
use ambit_dist::DownReason;
use tokio::time::Instant;

use crate::servers::LogSubject;
use crate::stage::{Near, SILENCE, within};

/// The extra time to detect a loss or return on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

/// A connection between two nodes that can be cut.
pub(crate) trait Line {
    async fn cut(&mut self);
    async fn heal(&mut self);
}

/// The measured times, and the reason for the loss that this node reported.
#[derive(Clone)]
pub(crate) struct Took {
    pub(crate) to_notice: Duration,
    pub(crate) to_find: Duration,
    pub(crate) reason: DownReason,
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            to_notice,
            to_find,
            reason,
        } = self;
        write!(
            f,
            "noticed after {to_notice:.2?} ({reason}), found again after {to_find:.2?}"
        )
    }
}

/// Cuts the line to `b`, the node of `log`, mends it after `cut_for`, and checks what this node observes.
pub(crate) async fn cut_and_mend(
    near: &mut Near,
    log: &LogSubject,
    line: &mut impl Line,
    cut_for: Duration,
) -> Took {
    let before = log.seen().await.unwrap();
    let mut probe = ambit::test::Probe::<u8>::new();
    let reference = probe.monitor(log);
    let linked = near.log_on("b").await;
    let mut friend = ambit::test::Probe::<u8>::new();
    friend.link(&linked).unwrap();
    let pending = log.hold().no_timeout().send();
    // The answer proves that the previous call has arrived.
    log.ask(before.1).await.unwrap();

    line.cut().await;
    let begin = Instant::now();
    let late = log.ask(before.1 + 1).timeout(SILENCE / 4).await;
    assert_eq!(late, Err(CallError::Timeout), "a call ends in its time");
    let reason = near.down("b").await;
    let to_notice = begin.elapsed();
    assert!(to_notice <= SILENCE + SLACK, "{to_notice:?}");
    let executed = Executed::Maybe;
    let ended = within("the end of a call", pending).await;
    assert_eq!(ended, Err(CallError::NoConnection { executed }));
    let down = probe.expect_down().await;
    assert_eq!(
        (down.monitor, down.reason),
        (reference, ExitReason::NoConnection)
    );
    match friend.expect_event().await {
        InboxEvent::Exit(exit) => assert_eq!(exit.reason, ExitReason::NoConnection),
        other => panic!("{other:?} instead of the end of a link"),
    }
    let executed = Executed::No;
    let refused = log.seen().await;
    assert_eq!(refused, Err(CallError::NoConnection { executed }));
    let late = within("the Down of a late monitor", log.monitor()).await;
    assert_eq!(late.reason, ExitReason::NoConnection);

    // A cut lasts longer than its detection.
    tokio::time::sleep_until(begin + cut_for).await;
    line.heal().await;
    let mended = Instant::now();
    near.up("b").await;
    let to_find = mended.elapsed();
    // The process still runs and has all messages from before the cut, without duplicates.
    let again = log.seen().await.unwrap();
    assert!(again.1 > before.1, "{before:?} {again:?}");
    assert!(again.2 && again.0 > before.0, "{before:?} {again:?}");
    assert_eq!(log.ask(again.1 + 5).await, Ok(again.1 + 5));
    // Its linked process was also lost there.
    let end = within("the end of a linked process", linked.monitor()).await;
    let reasons = [ExitReason::NoConnection, ExitReason::NoProcess];
    assert!(reasons.contains(&end.reason), "{end:?}");
    assert_eq!(linked.seen().await, Err(CallError::NoProcess));
    // Further signals of the first monitor would be in the mailbox before this message.
    probe.subject().send(1).await.unwrap();
    assert_eq!(probe.expect().await, 1);
    Took {
        to_notice,
        to_find,
        reason,
    }
}
