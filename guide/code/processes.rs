//! The tests on the page "Processes and inboxes".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{crash, expect_crash, settle};
// ANCHOR_END: imports

// ANCHOR: order
/// Handles urgent work first, although it arrives last.
#[ambit::test]
async fn an_inbox_is_searched(
    mut inbox: Inbox<(bool, &'static str)>,
) -> Result<(), Box<dyn Error>> {
    let own = inbox.subject();
    own.send((false, "sweep the floor")).await?;
    own.send((true, "put out the fire")).await?;
    let is_urgent = |event: &InboxEvent<_>| matches!(event, InboxEvent::Message((true, _)));
    let first = inbox.recv_match(is_urgent).await;
    assert_eq!(first, InboxEvent::Message((true, "put out the fire")));
    assert_eq!(inbox.recv().await, Some((false, "sweep the floor")));
    assert_eq!(inbox.next_within(Duration::from_secs(1)).await, None);
    Ok(())
}
// ANCHOR_END: order

// ANCHOR: reasons
#[ambit::test]
async fn a_process_ends_with_a_reason() {
    let returned = ambit::spawn(|_: Inbox<()>| async {});
    assert_eq!(returned.closed().await, ExitReason::Normal);

    let chosen = ambit::spawn(|_: Inbox<()>| async { ExitReason::Shutdown });
    assert_eq!(chosen.closed().await, ExitReason::Shutdown);

    let failed = ambit::spawn(|_: Inbox<()>| async { Err::<(), _>("the disk is full") });
    expect_crash(&failed);
    assert!(
        failed
            .closed()
            .await
            .to_string()
            .contains("the disk is full")
    );

    let killed = ambit::spawn(|_: Inbox<()>| std::future::pending::<()>());
    expect_crash(&killed);
    ambit::exit(&killed, ExitReason::Kill);
    assert_eq!(killed.closed().await, ExitReason::Killed);
}
// ANCHOR_END: reasons

// ANCHOR: isolated
struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 {
        self.value
    }
}

#[ambit::test]
async fn a_crash_ends_one_process() -> Result<(), Box<dyn Error>> {
    let a = Counter { value: 1 }.start().await?;
    let b = Counter { value: 2 }.start().await?;
    assert_ne!(a.pid(), b.pid());
    crash(&a).await;
    settle().await;
    assert!(!a.is_alive());
    assert_eq!(b.get().await?, 2);
    assert_eq!(a.get().await, Err(CallError::NoProcess));
    Ok(())
}
// ANCHOR_END: isolated
