//! The reason that a parent gets for the end of its child, which may end with its system.

use super::*;
use crate::plain::create;
use crate::process::exit_path;
use crate::process::header::ProcessRef;
use crate::process::link;

/// The parent of the child, on the other node; and another process there to which the child is linked.
const PARENT: u32 = 2;
const OTHER: u32 = 1;

/// How the system of the child is being stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// It is not.
    None,
    /// The stop of all processes has begun.
    All,
    /// The child was asked to stop in a stop that is over.
    Child,
}

/// Ends a child, and returns the reasons for its parent and for the other process.
fn reasons(
    system: &Arc<SystemInner>,
    node: &Fake,
    stop: Stop,
    reason: ExitReason,
) -> [ExitReason; 2] {
    let child: ProcessRef = create::make_side::<u8>(system.clone(), None);
    let core = child.core();
    {
        let mut relations = core.relations.lock();
        for peer in [PARENT, OTHER] {
            relations.link(core.home(), remote(peer));
        }
        relations.obey(remote(PARENT));
        relations.stops_with_system = matches!(stop, Stop::Child);
    }
    let stopping = matches!(stop, Stop::All).then(|| system.begin_stop());
    exit_path::finish(&child, reason);
    drop(stopping);
    let sent = node.taken();
    [PARENT, OTHER].map(|to| {
        let to = remote(to);
        let signals = sent.iter().filter(|(pid, _)| *pid == to);
        match signals.map(|(_, signal)| signal).collect::<Vec<_>>()[..] {
            [Signal::Exit { reason, .. }] => reason.clone(),
            ref signals => panic!("one exit, not {signals:?}"),
        }
    })
}

#[tokio::test]
async fn a_remote_parent_loses_a_child_that_stops_with_its_system() {
    let (system, node) = connected();
    let reasons = |stop, reason: &ExitReason| reasons(&system, &node, stop, reason.clone());
    for reason in [ExitReason::Shutdown, ExitReason::Killed] {
        let both = [reason.clone(), reason.clone()];
        assert_eq!(reasons(Stop::None, &reason), both, "its end is its own");
        for stop in [Stop::All, Stop::Child] {
            let lost = [ExitReason::NoConnection, reason.clone()];
            assert_eq!(reasons(stop, &reason), lost, "{stop:?}");
        }
    }
    for stop in [Stop::All, Stop::Child] {
        let own = ExitReason::Timeout;
        assert_eq!(reasons(stop, &own), [own.clone(), own], "{stop:?}");
    }
}

#[tokio::test]
async fn a_local_parent_gets_the_reason_of_a_child_that_stops_with_its_system() {
    let (system, _node) = connected();
    in_process(move |mut inbox| async move {
        inbox.trap_exits(true);
        let parent = find(inbox.pid()).unwrap();
        let child: ProcessRef = create::make_side::<u8>(system, None);
        link::link_child(&*parent, &*child);
        child.core().relations.lock().stops_with_system = true;
        let pid = child.core().pid;
        exit_path::finish(&child, ExitReason::Shutdown);
        assert_eq!(queued(&mut inbox).await, [exit(pid, ExitReason::Shutdown)]);
    })
    .await;
}
