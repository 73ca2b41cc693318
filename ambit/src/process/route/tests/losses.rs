//! The loss of a node.

use super::*;
use crate::process::node_signal::RemoteNode;

#[tokio::test]
async fn the_loss_of_a_node_notifies_each_affected_process_once() {
    let (system, _node) = connected();
    let current_system = system.clone();
    in_process(move |mut inbox| async move {
        inbox.trap_exits(true);
        let own = inbox.pid();
        inbox.link(remote(1)).unwrap();
        let monitors = [inbox.monitor(remote(1)), inbox.monitor(remote(2))];
        let watches = Signal::Monitor {
            from: remote(3),
            monitor: MonitorRef(99),
        };
        arrives(&current_system, own, watches).unwrap();
        // Another node stays.
        current_system.add_node(FAR + 1, Arc::new(Fake::default()));
        let stays = Pid::new(FAR + 1, 1, 0);
        inbox.link(stays).unwrap();
        current_system.remove_node(FAR);
        current_system.remove_node(FAR);
        let lost = ExitReason::NoConnection;
        let expected = [
            exit(remote(1), lost.clone()),
            down_of(monitors[0], remote(1), lost.clone()),
            down_of(monitors[1], remote(2), lost.clone()),
        ];
        assert_eq!(queued(&mut inbox).await, expected);
        let info = crate::process_info(own).unwrap();
        assert_eq!((info.links, info.monitors.len()), (vec![stays], 0));
        assert!(
            info.monitored_by.is_empty(),
            "who watched from there is forgotten"
        );
        // After the loss both fail at once, and once.
        let monitor = inbox.monitor(remote(1));
        inbox.link(remote(1)).unwrap();
        let expected = [
            down_of(monitor, remote(1), lost.clone()),
            exit(remote(1), lost.clone()),
        ];
        assert_eq!(queued(&mut inbox).await, expected);
        inbox.trap_exits(false);
        assert_eq!(inbox.link(remote(1)), Err(lost));
    })
    .await;
    let doomed = crate::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    });
    system.add_node(FAR, Arc::new(Fake::default()));
    arrives(&system, doomed.pid(), Signal::Link { from: remote(1) }).unwrap();
    system.remove_node(FAR);
    assert_eq!(doomed.closed().await, ExitReason::NoConnection);
}

/// Returns how many processes the loss of a node reads, among so many idle ones.
async fn looked_at(idle: usize) -> usize {
    let (system, _node) = connected();
    let body = |mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    };
    let idle: Vec<_> = (0..idle).map(|_| crate::spawn(body)).collect();
    let linked = crate::spawn(body);
    let from = remote(1);
    arrives(&system, linked.pid(), Signal::Link { from }).unwrap();
    let looked_at = system.relations_by_node.of(FAR).len();
    system.remove_node(FAR);
    assert_eq!(linked.closed().await, ExitReason::NoConnection);
    assert!(idle.iter().all(|process| process.is_alive()));
    looked_at
}

#[tokio::test]
async fn the_loss_of_a_node_looks_only_at_processes_that_have_a_relation_with_it() {
    assert_eq!([looked_at(100).await, looked_at(400).await], [1, 1]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one scenario")]
async fn a_process_is_in_the_index_of_nodes_while_it_has_a_relation() {
    let (system, _node) = connected();
    let outside = system.clone();
    in_process(move |mut inbox| async move {
        let own = inbox.pid();
        inbox.trap_exits(true);
        let related = |expected: usize| {
            assert_eq!(system.relations_by_node.of(FAR).len(), expected);
            assert_eq!(system.relations_by_node.len(), expected);
        };
        let local = inbox.monitor(crate::spawn(|_: Inbox<u8>| async {}).pid());
        related(0);
        // Each relation begins and ends alone, in each possible way.
        let (from, monitor, reason) = (remote(1), MonitorRef(9), ExitReason::Shutdown);
        let arrives = |signal| arrives(&system, own, signal).unwrap();
        let [first, second] = [inbox.monitor(remote(1)), inbox.monitor(remote(2))];
        related(1);
        inbox.demonitor(first);
        related(1);
        arrives(Signal::Down {
            from: remote(2),
            monitor: second,
            reason: reason.clone(),
        });
        related(0);
        for _ in 0..2 {
            inbox.link(remote(1)).unwrap();
            related(1);
        }
        inbox.unlink(remote(1));
        related(0);
        for ends in [
            Signal::Unlink { from },
            Signal::Exit {
                from,
                reason,
                cause: Cause::Link,
            },
        ] {
            arrives(Signal::Link { from });
            arrives(Signal::Link { from });
            related(1);
            arrives(ends.clone());
            arrives(ends);
            related(0);
        }
        for _ in 0..2 {
            arrives(Signal::Monitor { from, monitor });
            related(1);
        }
        for _ in 0..2 {
            arrives(Signal::Demonitor { from, monitor });
            related(0);
        }
        arrives(Signal::Monitor { from, monitor });
        inbox.link(remote(1)).unwrap();
        inbox.demonitor(local);
        related(1);
    })
    .await;
    for _ in 0..1_000_000 {
        if outside.relations_by_node.len() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("a process that has ended has relations");
}

/// A node that is lost at the moment of a request.
struct Sinking(Arc<SystemInner>);

impl RemoteNode for Sinking {
    fn deliver(&self, _to: Pid, _signal: Signal) -> Result<(), ExitReason> {
        self.0.remove_node(FAR);
        Ok(())
    }
}

#[tokio::test]
async fn a_node_lost_during_a_request_is_reported_once() {
    let system = System::current().unwrap().inner;
    in_process(move |mut inbox| async move {
        inbox.trap_exits(true);
        system.add_node(FAR, Arc::new(Sinking(system.clone())));
        inbox.link(remote(1)).unwrap();
        system.add_node(FAR, Arc::new(Sinking(system.clone())));
        let monitor = inbox.monitor(remote(2));
        let lost = ExitReason::NoConnection;
        let expected = [
            exit(remote(1), lost.clone()),
            down_of(monitor, remote(2), lost),
        ];
        assert_eq!(queued(&mut inbox).await, expected);
    })
    .await;
}
