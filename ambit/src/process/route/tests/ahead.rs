//! Exit signals that are sent ahead of messages.

use super::*;

fn ahead(from: Pid, reason: ExitReason, cause: Cause) -> Signal {
    Signal::ExitAhead {
        from,
        reason,
        cause,
    }
}

/// Spawns a process that is linked to a process of the other node.
async fn linked(traps: bool) -> crate::Subject<u8> {
    let (is_linked, ready) = oneshot::channel();
    let process = crate::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(traps);
        inbox.link(remote(1)).unwrap();
        is_linked.send(()).unwrap();
        inbox.recv().await;
    });
    ready.await.unwrap();
    process
}

#[tokio::test]
async fn an_exit_ahead_ends_a_process_that_does_not_trap_exits() {
    let (system, node) = connected();
    let crash = || ExitReason::error("crash");
    let sent = linked(false).await;
    arrives(&system, sent.pid(), ahead(remote(9), crash(), Cause::Sent)).unwrap();
    assert_eq!(sent.closed().await, crash());
    let by_link = linked(false).await;
    let of_link = |from| ahead(from, crash(), Cause::Link);
    arrives(&system, by_link.pid(), of_link(remote(2))).unwrap();
    tokio::task::yield_now().await;
    assert!(by_link.is_alive(), "it has no link to that process");
    node.taken();
    arrives(&system, by_link.pid(), of_link(remote(1))).unwrap();
    assert_eq!(by_link.closed().await, crash());
    // The other node still counts the link.
    let of_end = Signal::Exit {
        from: by_link.pid(),
        reason: crash(),
        cause: Cause::Link,
    };
    assert_eq!(node.taken(), [(remote(1), of_end)]);
}

#[tokio::test]
async fn an_exit_ahead_is_no_message_and_keeps_the_link() {
    let (system, _node) = connected();
    in_process(move |mut inbox| async move {
        let own = inbox.pid();
        inbox.trap_exits(true);
        inbox.link(remote(1)).unwrap();
        for cause in [Cause::Sent, Cause::Link] {
            arrives(&system, own, ahead(remote(1), ExitReason::Shutdown, cause)).unwrap();
        }
        assert_eq!(queued(&mut inbox).await, []);
        let (from, reason) = (remote(1), ExitReason::Shutdown);
        let cause = Cause::Link;
        let follows = Signal::Exit {
            from,
            reason: reason.clone(),
            cause,
        };
        arrives(&system, own, follows).unwrap();
        assert_eq!(queued(&mut inbox).await, [exit(from, reason)]);
        inbox.trap_exits(false);
        // A normal end has no effect on a process that does not trap it.
        let normal = ExitReason::Normal;
        arrives(&system, own, ahead(remote(1), normal, Cause::Sent)).unwrap();
        tokio::task::yield_now().await;
    })
    .await;
}
