//! A call that is dropped leaves nothing behind, at whichever point.

use ambit::prelude::*;
use ambit::test::{fill_mailbox, holdings, settle};

use crate::engine::script::{Log, Script, add, ask_late, ask_with, start};
use crate::support::process::poll_once;

/// Polls a call up to `polls` times, and yields after each poll; then drops it. Returns true if it completed.
async fn drop_after<const W: bool>(
    mut call: ambit::server::Call<'_, Script<W>, u64>,
    polls: usize,
) -> bool {
    for _ in 0..polls {
        if poll_once(&mut call).await.is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

async fn at_every_poll<const W: bool>() {
    let script = start::<W>(&Log::new()).await;
    assert_eq!(add(&script, 0).await, Ok(0));
    settle().await;
    let before = holdings();
    for suspends in 0..4 {
        let mut polls = 0;
        loop {
            let answered = drop_after(ask_late(&script, suspends), polls).await;
            settle().await;
            assert_eq!(
                holdings(),
                before,
                "{suspends} suspensions, dropped after {polls} polls"
            );
            if answered {
                break;
            }
            polls += 1;
            assert!(polls < 50, "it never comes to an end");
        }
    }
    for polls in 0..4 {
        drop_after(add(&script, 1), polls).await;
        settle().await;
        assert_eq!(
            holdings(),
            before,
            "a plain handler, dropped after {polls} polls"
        );
    }
    assert!(add(&script, 0).await.is_ok());
}

#[ambit::test]
async fn at_every_poll_inline() {
    at_every_poll::<true>().await;
}

#[ambit::test]
async fn at_every_poll_through_the_queue() {
    at_every_poll::<false>().await;
}

async fn with_a_deferred_answer<const W: bool>() {
    let script = start::<W>(&Log::new()).await;
    assert_eq!(add(&script, 0).await, Ok(0));
    settle().await;
    let before = holdings();
    for polls in 0..4 {
        let keep = ask_with(&script, |state, _, reply| {
            state.kept.push(reply);
            Flow::Continue
        });
        assert!(!drop_after(keep, polls).await);
        settle().await;
        assert_eq!(holdings(), before, "dropped after {polls} polls");
    }
    let kept = crate::engine::script::ask(&script, |state, _| {
        let open = state.kept.iter().filter(|port| !port.is_closed()).count();
        (state.kept.drain(..).count(), open)
    });
    assert_eq!(
        kept.await,
        Ok((3, 0)),
        "each was asked once polled, and is closed"
    );
}

#[ambit::test]
async fn with_a_deferred_answer_inline() {
    with_a_deferred_answer::<true>().await;
}

#[ambit::test]
async fn with_a_deferred_answer_through_the_queue() {
    with_a_deferred_answer::<false>().await;
}

#[ambit::test]
async fn while_it_waits_for_capacity() {
    let script = start::<true>(&Log::new()).await;
    assert_eq!(add(&script, 0).await, Ok(0));
    let full = fill_mailbox(&script);
    settle().await;
    let before = holdings();
    for polls in 1..4 {
        // An async handler: the caller never runs it inline.
        assert!(!drop_after(ask_late(&script, 0), polls).await);
        settle().await;
        assert_eq!(holdings(), before, "dropped after {polls} polls");
        assert_eq!(ambit::process_info(&script).unwrap().queued, 0);
    }
    drop(full);
    assert_eq!(add(&script, 0).await, Ok(0), "none of them was handled");
}

#[ambit::test]
async fn a_plain_call_also_waits_while_every_slot_is_reserved() {
    let script = start::<true>(&Log::new()).await;
    assert_eq!(add(&script, 0).await, Ok(0));
    let full = fill_mailbox(&script);
    for polls in 1..4 {
        assert!(
            !drop_after(add(&script, 1), polls).await,
            "after {polls} polls"
        );
    }
    drop(full);
    assert_eq!(add(&script, 0).await, Ok(0), "none of them was handled");
}

#[ambit::test]
async fn a_sent_question_that_is_dropped_is_not_waited_for() {
    let script = start::<true>(&Log::new()).await;
    settle().await;
    let before = holdings();
    for _ in 0..10 {
        drop(add(&script, 1).send());
        drop(ask_late(&script, 2).send());
    }
    settle().await;
    assert_eq!(holdings(), before);
    assert_eq!(
        add(&script, 0).await,
        Ok(20),
        "what was sent is handled all the same"
    );
}
