//! A node that restarts under its name is another node.

use ambit::error::Executed;
use ambit::prelude::*;

use crate::conformance::actors::Log;
use crate::conformance::stage::{everywhere, in_process, soon};

#[test]
fn dist_06_x15_nothing_of_an_earlier_incarnation_reaches_the_later_one() {
    everywhere(|stage| async move {
        let old = stage.near.on("far").start::<Log>(()).await.unwrap();
        let (watched, linked) = (old.clone(), old.clone());
        let kept = old.keep().no_timeout().send();
        assert_eq!(old.kept().await, Ok((1, 0)));
        let monitor = old.monitor();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let holder = tokio::spawn(in_process(|mut inbox| async move {
            inbox.trap_exits(true);
            inbox.link(&linked).unwrap();
            let monitor = inbox.monitor(&watched);
            ready.send(()).unwrap();
            let mut heard = Vec::new();
            for _ in 0..2 {
                heard.push(soon(inbox.next()).await);
            }
            (monitor, heard)
        }));
        is_ready.await.unwrap();
        let before = stage.restart().await;
        assert!(*stage.far().node.id() > before);

        // Each monitor and call ends once, with the loss of the connection.
        let executed = Executed::Maybe;
        assert_eq!(soon(kept).await, Err(CallError::NoConnection { executed }));
        assert_eq!(soon(monitor).await.reason, ExitReason::NoConnection);
        let (monitor, heard) = soon(holder).await.unwrap();
        let reason = ExitReason::NoConnection;
        let is_exit = |event: &InboxEvent<u8>| matches!(event, InboxEvent::Exit(exit) if exit.reason == reason && exit.from == old.pid());
        let is_down = |event: &InboxEvent<u8>| matches!(event, InboxEvent::Down(down) if down.reason == reason && down.monitor == monitor);
        assert!(
            heard.iter().any(is_exit) && heard.iter().any(is_down),
            "{heard:?}"
        );

        // The new incarnation has as many processes, and old handles reach none of them.
        let new = stage.near.on("far").start::<Log>(()).await.unwrap();
        assert_ne!((new.pid(), new.clone()), (old.pid(), old.clone()));
        assert_eq!(old.ping().await, Err(CallError::NoProcess));
        assert_eq!(old.note(1).await, Err(CastError::NoProcess));
        assert_eq!(old.note(1).now(), Err(CastError::NoProcess));
        assert!(!old.is_alive());
        assert_eq!(soon(old.monitor()).await.reason, ExitReason::NoProcess);
        ambit::exit(old.pid(), ExitReason::Kill);
        ambit::exit(&old, ExitReason::Kill);
        let late = old.clone();
        in_process(move |mut inbox| async move {
            let monitor = inbox.monitor(&late);
            let heard = soon(inbox.next()).await;
            assert!(
                matches!(&heard, InboxEvent::Down(down) if down.monitor == monitor && down.reason == ExitReason::NoProcess),
                "{heard:?}"
            );
        })
        .await;
        assert_eq!(new.ping().await, Ok(7));
        assert_eq!(new.heard().await, Ok(vec![]));
        assert_eq!(new.kept().await, Ok((0, 0)));
    });
}
