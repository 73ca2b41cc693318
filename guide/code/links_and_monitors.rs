//! The tests on the page "Links and monitors".

// ANCHOR: imports
use std::error::Error;
use std::future::pending;

use ambit::prelude::*;
use ambit::test::{Probe, assert_down, crash, expect_crash, settle};
// ANCHOR_END: imports

// ANCHOR: idle
/// A process that never ends by itself.
fn idle() -> Subject<()> {
    ambit::spawn(|_: Inbox<()>| pending::<()>())
}

/// The same, linked to `peer`.
async fn linked_to(peer: &Subject<()>) -> Subject<()> {
    let peer = peer.clone();
    let own = ambit::spawn(|mut inbox: Inbox<()>| async move {
        inbox.link(&peer).ok();
        pending::<()>().await;
    });
    settle().await;
    own
}
// ANCHOR_END: idle

// ANCHOR: monitor
#[ambit::test]
async fn a_monitor_notifies_once() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<()>::new();
    let watched = idle();
    probe.monitor(&watched);
    ambit::exit(&watched, ExitReason::Shutdown);
    assert_down!(probe, ExitReason::Shutdown);

    probe.monitor(&watched); // a stopped process: notifies at once, without its reason
    assert_down!(probe, ExitReason::NoProcess);

    // Outside of a process a monitor is a future.
    let other = idle();
    let end = other.monitor();
    ambit::exit(&other, ExitReason::Shutdown);
    assert_eq!(end.await.reason, ExitReason::Shutdown);
    Ok(())
}
// ANCHOR_END: monitor

// ANCHOR: link
#[ambit::test]
async fn links_propagate_exits() -> Result<(), Box<dyn Error>> {
    let a = idle();
    let b = linked_to(&a).await;
    let c = linked_to(&b).await;
    let d = linked_to(&a).await;
    expect_crash(&a);
    expect_crash(&b);
    expect_crash(&c);
    expect_crash(&d);
    ambit::exit(&b, ExitReason::error("it broke"));
    settle().await;
    // Links work in both directions, and the reason does not change.
    for one in [&a, &b, &c, &d] {
        assert!(!one.is_alive());
    }

    let a = idle();
    let b = linked_to(&a).await;
    ambit::exit(&a, ExitReason::Normal); // from another process: ignored
    settle().await;
    assert!(a.is_alive());
    ambit::exit(&a, ExitReason::Shutdown); // clean, but not `Normal`: it propagates
    assert_eq!(b.closed().await, ExitReason::Shutdown);
    Ok(())
}
// ANCHOR_END: link

// ANCHOR: trap
/// Collects the exit reasons of linked processes.
struct Nurse {
    seen: Vec<ExitReason>,
}

#[gen_server]
impl Nurse {
    #[call]
    fn look_after(&mut self, ctx: &mut Context<Self>, whom: Process) {
        ctx.trap_exits(true);
        ctx.link(&whom).ok();
    }

    #[info]
    fn on_exit(&mut self, exit: Exit) {
        self.seen.push(exit.reason);
    }

    #[call]
    fn seen(&self) -> Vec<ExitReason> {
        self.seen.clone()
    }
}

#[ambit::test]
async fn trapped_exits_are_messages() -> Result<(), Box<dyn Error>> {
    let nurse = Nurse { seen: Vec::new() }.start().await?;
    let (one, two) = (idle(), idle());
    nurse.look_after((*one).clone()).await?;
    nurse.look_after((*two).clone()).await?;
    expect_crash(&two);
    ambit::exit(&one, ExitReason::Shutdown);
    ambit::exit(&two, ExitReason::Kill);
    settle().await;
    // Linked processes see a kill as `Killed`, which can be trapped.
    assert_eq!(
        nurse.seen().await?,
        [ExitReason::Shutdown, ExitReason::Killed]
    );

    expect_crash(&nurse);
    ambit::exit(&nurse, ExitReason::Kill); // a kill itself cannot be trapped
    assert_eq!(nurse.closed().await, ExitReason::Killed);
    Ok(())
}
// ANCHOR_END: trap

// ANCHOR: supervisor
/// Reports its exit reason.
struct Child {
    probe: Recipient<String>,
}

#[gen_server]
impl Child {
    #[call]
    fn leave_parent(&mut self, ctx: &mut Context<Self>, parent: Pid) {
        ctx.unlink(parent);
    }

    #[terminate]
    fn end(&mut self, reason: &ExitReason) {
        self.probe.send(reason.to_string()).now().ok();
    }
}

#[ambit::test]
async fn a_supervisor_and_its_children() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<String>::new();
    let to = probe.recipient();
    let child = move || {
        let probe = to.clone();
        Child::child_spec(move || Child {
            probe: probe.clone(),
        })
    };
    let supervisor = Supervisor::builder().start().await?;
    let one = supervisor.start_child(child().id("one")).await?;
    let two = supervisor.start_child(child().id("two")).await?;

    // A supervisor ignores signals from other processes than its parent.
    ambit::exit(&supervisor, ExitReason::Shutdown);
    settle().await;
    assert!(supervisor.is_alive());

    // A child that removes the link is still monitored.
    two.leave_parent(supervisor.pid()).await?;
    let old = two.pid();
    crash(&two).await;
    assert_eq!(probe.expect().await, "panicked: crashed by the test");
    assert_ne!(ambit::test::await_restart(&two, old).await, old);

    // A killed supervisor stops no child, but its links end the children.
    expect_crash(&supervisor);
    expect_crash(&one);
    expect_crash(&two);
    ambit::exit(&supervisor, ExitReason::Kill);
    assert_eq!(probe.expect().await, "killed");
    assert_eq!(probe.expect().await, "killed");
    Ok(())
}
// ANCHOR_END: supervisor

// ANCHOR: start_link
#[ambit::test]
async fn a_linked_start_sets_the_parent() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<String>::new();
    let to = probe.recipient();
    let owner = ambit::spawn(|_: Inbox<()>| async move {
        let _child = Child { probe: to }.start().link().await;
        ExitReason::Shutdown
    });
    assert_eq!(owner.closed().await, ExitReason::Shutdown);
    assert_eq!(probe.expect().await, "shutdown"); // `#[terminate]` has run
    Ok(())
}
// ANCHOR_END: start_link

// ANCHOR: late
#[ambit::test]
async fn a_link_to_a_stopped_process() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<()>::new();
    let gone = idle();
    ambit::exit(&gone, ExitReason::Shutdown);
    gone.closed().await;
    let late = ambit::spawn(|mut inbox: Inbox<()>| async move {
        inbox.trap_exits(true);
        inbox.link(&gone).ok();
        match inbox.next().await {
            InboxEvent::Exit(exit) => exit.reason,
            _ => ExitReason::Normal,
        }
    });
    expect_crash(&late);
    probe.monitor(&late);
    assert_down!(probe, ExitReason::NoProcess);
    Ok(())
}
// ANCHOR_END: late
