//! Links between one party and the other.
//!
//! These cases of Link are not here: LINK-05 (a link to itself), LINK-10 and 11 with `spawn_link`, which creates parent
//! and child in one system (see `starts` for servers), and the half of LINK-09 with an immediate result, which would
//! need the answer of another process in advance.

use ambit::prelude::*;
use tokio::sync::oneshot;

use super::parties::{
    dawdle, ended_there, finish, idle_here, idle_there, in_process, linked_here, linked_there,
    links, listener_there, next, queued, reasons, soon, spawn_there, until,
};
use super::stage::{play, race};

#[test]
fn link_01_an_abnormal_end_of_either_takes_the_other_along() {
    play(|stage| async move {
        for (made_here, ends_here) in [(true, true), (true, false), (false, true), (false, false)] {
            for reason in reasons() {
                let (here, far) = if made_here {
                    let far = idle_there(&stage).await;
                    (linked_here(&far.near).await, far)
                } else {
                    let here = idle_here();
                    let far = linked_there(&stage, &here).await;
                    (here, far)
                };
                let known = stage.take(here.clone()).await.pid();
                let is_linked = || stage.there(|| links(&far.own)) == [known];
                until("it is linked there", is_linked).await;
                until("it is linked here", || links(&here) == [far.near.pid()]).await;
                let first = if ends_here { &here } else { &far.near };
                ambit::exit(first, reason.clone());
                assert_eq!(soon(here.closed()).await, reason);
                assert_eq!(soon(far.own.closed()).await, reason);
            }
        }
    });
}

#[test]
fn link_02_a_normal_end_is_not_noticed_by_a_process_that_does_not_trap() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            let far = idle_there(&stage).await;
            inbox.link(&far.near).unwrap();
            finish(&far.near).await;
            assert_eq!(queued(&stage, &mut inbox).await, []);
            let is_gone = || links(inbox.pid()).is_empty();
            until("the link is gone all the same", is_gone).await;
        })
        .await;
    });
}

#[test]
fn link_04_a_pair_has_one_link_whichever_side_creates_it() {
    play(|stage| async move {
        let (other, mut heard) = listener_there(&stage).await;
        let (to, at) = (other.near.clone(), stage.clone());
        in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            inbox.link(&to).unwrap();
            inbox.link(&to).unwrap();
            // And from the other side.
            let far = linked_there(&at, &inbox.subject()).await;
            inbox.link(&far.near).unwrap();
            until("it is linked here", || links(inbox.pid()).len() == 2).await;
            inbox.unlink(&far.near);
            let is_gone = || at.there(|| links(&far.own)).is_empty();
            until("one unlink removes it", is_gone).await;
            ambit::exit(&far.near, ExitReason::Shutdown);
            assert_eq!(queued(&at, &mut inbox).await, []);
        })
        .await;
        assert!(matches!(
            soon(heard.recv()).await,
            Some(InboxEvent::Exit(_))
        ));
        other.near.send(1).await.unwrap();
        let next = soon(heard.recv()).await;
        assert_eq!(
            next,
            Some(InboxEvent::Message(1)),
            "one exit message results"
        );
    });
}

#[test]
fn link_06_either_side_can_end_a_link() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            let parent = stage.take(inbox.subject()).await;
            let far = spawn_there(&stage, |mut inbox| async move {
                assert_eq!(inbox.recv().await, Some(1));
                inbox.unlink(&parent);
                assert_eq!(inbox.recv().await, Some(2));
                ExitReason::error("alone")
            })
            .await;
            inbox.link(&far.near).unwrap();
            far.near.send(1).await.unwrap();
            until("the link is gone here", || links(inbox.pid()).is_empty()).await;
            assert!(stage.there(|| links(&far.own)).is_empty());
            far.near.send(2).await.unwrap();
            soon(far.near.closed()).await;
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn link_09_a_link_to_a_stopped_process_is_a_no_process_failure() {
    play(|stage| async move {
        let dead = ended_there(&stage).await;
        let nobody = dead.clone();
        // It gets an error at once, or it ends: it never continues.
        let linking = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            if let Err(reason) = inbox.link(&nobody) {
                return reason;
            }
            while inbox.recv().await.is_some() {}
            ExitReason::Normal
        });
        assert_eq!(soon(linking.closed()).await, ExitReason::NoProcess);
        in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let from = dead.pid();
            assert_eq!(inbox.link(&dead), Ok(()), "who traps gets a message");
            let reason = ExitReason::NoProcess;
            assert_eq!(
                next(&mut inbox).await,
                InboxEvent::Exit(Exit { from, reason })
            );
            assert!(links(inbox.pid()).is_empty());
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn x9_unlink_without_a_link_does_nothing() {
    play(|stage| async move {
        let (other, dead) = (idle_there(&stage).await, ended_there(&stage).await);
        in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.unlink(&other.near);
            inbox.unlink(&dead);
            inbox.unlink(dead.pid());
            ambit::unlink(&other.near).unwrap();
            assert_eq!(queued(&stage, &mut inbox).await, []);
            assert!(other.own.is_alive());
        })
        .await;
    });
}

#[test]
fn x10_an_exit_that_was_delivered_ends_the_link() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let first = idle_there(&stage).await;
            inbox.link(&first.near).unwrap();
            ambit::exit(&first.near, ExitReason::Shutdown);
            assert!(matches!(next(&mut inbox).await, InboxEvent::Exit(_)));
            assert!(links(inbox.pid()).is_empty());
            // The link is used up: linking again targets a stopped process.
            inbox.link(&first.near).unwrap();
            let (from, reason) = (first.near.pid(), ExitReason::NoProcess);
            assert_eq!(
                next(&mut inbox).await,
                InboxEvent::Exit(Exit { from, reason })
            );
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn x11_the_trap_flag_counts_when_the_signal_arrives() {
    play(|stage| async move {
        let far = idle_there(&stage).await;
        let other = far.near.clone();
        let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            inbox.link(&other).unwrap();
            inbox.trap_exits(false);
            std::future::pending::<()>().await;
        });
        let known = stage.take(process.clone()).await.pid();
        let is_linked = || stage.there(|| links(&far.own)) == [known];
        until("it is linked there", is_linked).await;
        ambit::exit(&far.near, ExitReason::error("peer"));
        assert_eq!(soon(process.closed()).await, ExitReason::error("peer"));
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let far = idle_there(&stage).await;
            inbox.link(&far.near).unwrap();
            let own = inbox.pid();
            ambit::exit(&far.near, ExitReason::error("peer"));
            until("the exit has arrived", || links(own).is_empty()).await;
            inbox.trap_exits(false);
            let events = queued(&stage, &mut inbox).await;
            let is_kept = matches!(&events[..], [InboxEvent::Exit(_)]);
            assert!(is_kept, "what arrived as a message stays one: {events:?}");
        })
        .await;
    });
}

#[test]
fn after_unlink_has_returned_no_exit_is_added() {
    race(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            for n in 0..stage.rounds(1000) {
                let (go, gone) = oneshot::channel::<()>();
                let far = spawn_there(&stage, move |_inbox| async move {
                    gone.await.ok();
                    dawdle(n).await;
                    ExitReason::error(n)
                })
                .await;
                inbox.link(&far.near).unwrap();
                go.send(()).ok();
                dawdle(n / 7).await;
                inbox.unlink(&far.near);
                let mut before = 0;
                while inbox.next_within(std::time::Duration::ZERO).await.is_some() {
                    before += 1;
                }
                soon(far.near.closed()).await;
                let after = queued(&stage, &mut inbox).await;
                assert!(before <= 1 && after.is_empty(), "{before}, then {after:?}");
            }
        })
        .await;
    });
}
