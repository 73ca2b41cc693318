//! The effects of a lost connection on two parties.

use std::time::Duration;

use ambit::error::Executed;
use ambit::group::{Group, JoinError};
use ambit::prelude::*;

use super::parties::{
    finish, idle_here, idle_there, in_process, linked_here, linked_there, links, listener_there,
    next, queued, soon, there, until,
};
use super::servers::rig_there;
use super::stage::{pause, play};

#[test]
fn link_13_a_lost_node_ends_its_links_with_no_connection() {
    play(|stage| async move {
        let far = idle_there(&stage).await;
        let here = linked_here(&far.near).await;
        let made_here = idle_here();
        let from_there = linked_there(&stage, &made_here).await;
        let (listener, mut heard) = listener_there(&stage).await;
        let at = stage.clone();
        let from = in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        inbox.link(&listener.near).unwrap();
        let known = at.take(inbox.subject()).await.pid();
        let is_linked = || at.there(|| links(&listener.own)) == [known];
        until("it is linked there", is_linked).await;
        at.cut().await;
        let (from, reason) = (listener.near.pid(), ExitReason::NoConnection);
        assert_eq!(next(&mut inbox).await, InboxEvent::Exit(Exit { from, reason }));
        assert!(links(inbox.pid()).is_empty());
        // A link to an unreachable process fails in the same way, and does not hang.
        inbox.link(&listener.near).unwrap();
        assert!(matches!(next(&mut inbox).await, InboxEvent::Exit(exit) if exit.reason == ExitReason::NoConnection));
        known
    })
    .await;
        for end in [here, made_here, far.own, from_there.own] {
            assert_eq!(soon(end.closed()).await, ExitReason::NoConnection);
        }
        let reason = ExitReason::NoConnection;
        assert_eq!(
            soon(heard.recv()).await,
            Some(InboxEvent::Exit(Exit { from, reason }))
        );
    });
}

#[test]
fn link_14_x15_a_pid_of_an_earlier_node_incarnation_refers_to_no_process() {
    play(|stage| async move {
        let far = idle_there(&stage).await;
        let _node = stage.restart().await;
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            // Its incarnation is over, and no process of the reachable one has its pid.
            inbox.link(&far.near).unwrap();
            let InboxEvent::Exit(exit) = next(&mut inbox).await else {
                panic!("no exit of the link")
            };
            assert_eq!(exit.from, far.near.pid());
            let monitor = inbox.monitor(&far.near);
            let InboxEvent::Down(down) = next(&mut inbox).await else {
                panic!("no down of the monitor")
            };
            assert_eq!(down.monitor, monitor);
            let nobody = ExitReason::NoProcess;
            assert_eq!((exit.reason, down.reason), (nobody.clone(), nobody));
            assert!(
                far.near.send(1).await.is_err(),
                "its successor gets nothing"
            );
            assert!(far.own.is_alive());
        })
        .await;
    });
}

#[test]
fn mon_15_a_lost_node_is_a_down_with_no_connection() {
    play(|stage| async move {
        let far = idle_there(&stage).await;
        let watched_there = stage.take(idle_here()).await;
        let watching = there(&stage, async move { watched_there.monitor() }).await;
        in_process(|mut inbox: Inbox<u8>| async move {
            let monitors = [inbox.monitor(&far.near), inbox.monitor(&far.near)];
            let future = far.near.monitor();
            stage.cut().await;
            let mut heard = Vec::new();
            for _ in 0..2 {
                match next(&mut inbox).await {
                    InboxEvent::Down(down) => heard.push((down.monitor, down.reason)),
                    other => panic!("{other:?}"),
                }
            }
            let expected = monitors.map(|monitor| (monitor, ExitReason::NoConnection));
            assert_eq!(heard, expected, "each once, in their order");
            assert_eq!(soon(future).await.reason, ExitReason::NoConnection);
            // A late monitor fires at once.
            let late = inbox.monitor(&far.near);
            assert!(
                matches!(next(&mut inbox).await, InboxEvent::Down(down) if down.monitor == late
            && down.reason == ExitReason::NoConnection)
            );
            assert_eq!(soon(far.near.closed()).await, ExitReason::NoConnection);
            assert_eq!(soon(watching).await.reason, ExitReason::NoConnection);
            // The process still runs, and is the same one after the next connect.
            assert!(far.own.is_alive());
            stage.heal().await;
            let again = inbox.monitor(&far.near);
            finish(&far.near).await;
            assert!(
                matches!(next(&mut inbox).await, InboxEvent::Down(down) if down.monitor == again
            && down.reason == ExitReason::Normal)
            );
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn gs_29_gs_14_a_server_on_a_lost_node_fails_its_callers() {
    play(|stage| async move {
        let (rig, own, _) = rig_there(&stage).await;
        let kept: Vec<_> = (0..3).map(|_| rig.keep().no_timeout().send()).collect();
        assert_eq!(rig.kept().await, Ok((3, 0)));
        stage.cut().await;
        let lost = |executed| CallError::NoConnection { executed };
        for one in kept {
            assert_eq!(soon(one).await, Err(lost(Executed::Maybe)));
        }
        let minutes = Duration::from_secs(300);
        let late = soon(rig.get().timeout(minutes).into_owned()).await;
        assert_eq!(late, Err(lost(Executed::No)), "and not after the timeout");
        assert_eq!(rig.note(1).await, Err(CastError::NoConnection));
        assert_eq!(rig.note(1).now(), Err(CastError::NoConnection));
        // The server also sees that its callers are gone.
        let learns = async {
            while own.kept().await != Ok((3, 3)) {
                pause().await;
            }
        };
        soon(learns).await;
        stage.heal().await;
        assert_eq!(rig.get().await, Ok(7), "it is the same server");
    });
}

#[test]
fn pg_05_a_process_of_another_node_cannot_be_joined_here() {
    play(|stage| async move {
        let far = idle_there(&stage).await;
        let group = Group::<u8>::new();
        group.join("readers", &idle_here()).unwrap();
        let refused = Err(JoinError::Elsewhere);
        assert_eq!(group.join("readers", &far.near), refused);
        let both = [idle_here(), far.near];
        assert_eq!(group.join_all("readers", both), refused);
        assert_eq!(
            group.members("readers").len(),
            1,
            "none of the list is joined"
        );
    });
}
