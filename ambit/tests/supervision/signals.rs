//! How a supervisor handles exit signals, and how its parent handles its end.

use ambit::prelude::*;
use ambit::supervisor::{ChildState, SupervisorBuilder};
use ambit::test::{Probe, assert_down, expect_crash, settle};

use crate::supervision::support::*;

/// Returns one reason of every kind except `Kill`.
fn reasons() -> Vec<ExitReason> {
    vec![
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("enough"),
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::error("bad luck"),
    ]
}

/// The reasons with which a linked process can end. `Kill` means nothing special then.
fn reasons_of_links() -> Vec<ExitReason> {
    let mut reasons = reasons();
    reasons.push(ExitReason::Kill);
    reasons
}

fn two(log: &Log) -> SupervisorBuilder {
    let builder = Supervisor::builder().child(Role::new("a", log).spec());
    builder.child(Role::new("b", log).spec())
}

#[ambit::test]
async fn sup_38_the_exits_of_strangers_mean_nothing() {
    let log = Log::new();
    let supervisor = two(&log).start().await.unwrap();
    let before = states(&supervisor).await;
    for reason in reasons() {
        ambit::exit(&supervisor, reason);
    }
    for reason in reasons_of_links() {
        let stranger = ambit::spawn({
            let supervisor = supervisor.clone();
            move |mut inbox: Inbox<u8>| async move {
                inbox.link(&supervisor).unwrap();
                reason
            }
        });
        expect_crash(&stranger);
        stranger.closed().await;
    }
    settle().await;
    assert_eq!(states(&supervisor).await, before);
    // Nor does a signal from a child that is still running.
    let liar = ChildSpec::task("liar", {
        let supervisor = supervisor.clone();
        move || {
            let supervisor = supervisor.clone();
            async move {
                ambit::exit(&supervisor, ExitReason::error("not dead"));
                std::future::pending::<()>().await;
            }
        }
    });
    let liar = supervisor.start_child(liar).await.unwrap();
    let first = liar.pid();
    settle().await;
    assert_eq!(liar.pid(), first);
    assert_eq!(log.take(), ["+a", "+b"]);
}

#[ambit::test]
async fn sup_39_the_parents_exit_stops_it_with_that_reason() {
    for reason in reasons_of_links() {
        let log = Log::new();
        let start = two(&log).start().name("app").link();
        let parent = ambit::spawn(|mut inbox: Inbox<ExitReason>| async move {
            let _supervisor = start.await.unwrap();
            inbox.recv().await.unwrap()
        });
        settle().await;
        let supervisor = Supervisor::named("app");
        let mut probe = Probe::<u8>::new();
        probe.monitor(supervisor.pid());
        expect_crash(&parent);
        expect_crash(&supervisor);
        parent.send(reason.clone()).await.unwrap();
        let down = probe.expect_down().await;
        assert_eq!(down.reason, reason);
        let all = ["+a", "+b", "-b: shutdown", "-a: shutdown"];
        assert_eq!(log.all(), all, "{reason}");
    }
}

/// It has no `#[terminate]`, so exit signals of its links end it.
struct Mute;

#[gen_server]
impl Mute {
    #[init]
    fn init() -> Self {
        Self
    }
    #[call]
    fn ping(&self) -> u8 {
        7
    }
}

#[ambit::test]
async fn sup_37_the_children_of_a_killed_supervisor_go_and_fresh_ones_come() {
    let inner = || {
        let mute = |id| ChildSpec::from_fn(Mute::start).id(id).name(id);
        let builder = Supervisor::builder().child(mute("a"));
        builder.child(mute("b")).start().name("inner")
    };
    let inner = ChildSpec::from_fn(inner).id("inner");
    let top = Supervisor::builder().child(inner).start().await.unwrap();
    let mut probe = Probe::<u8>::new();
    let mut old = Vec::new();
    for id in ["a", "b"] {
        let child = MuteSubject::named(id);
        expect_crash(&child);
        probe.monitor(child.pid());
        old.push(child.pid());
    }
    let before = pid(&top, "inner").await;
    kill(before);
    assert_down!(probe, ExitReason::Killed);
    assert_down!(probe, ExitReason::Killed);
    settle().await;
    let after = pid(&top, "inner").await;
    assert_ne!(after, before);
    assert_eq!(Supervisor::named("inner").pid(), after);
    for id in ["a", "b"] {
        let child = MuteSubject::named(id);
        assert!(!old.contains(&child.pid()));
        assert_eq!(child.ping().await, Ok(7));
    }
    let fresh = states(&Supervisor::named("inner")).await;
    assert_eq!(fresh.len(), 2);
}

/// The supervisor also monitors it, in addition to the link.
#[ambit::test]
async fn a_child_that_unlinked_itself_is_restarted_like_any_other() {
    let log = Log::new();
    let supervisor = two(&log).start().await.unwrap();
    for how in [End::Normal, End::Crash, End::Killed] {
        let child = part("a");
        child.unlink_from(supervisor.pid()).await.unwrap();
        child.add(1).await.unwrap();
        let old = child.pid();
        end(&child, how).await;
        assert_ne!(pid(&supervisor, "a").await, old, "{how:?}");
    }
}

#[ambit::test]
async fn sup_41_a_supervisor_that_gave_up_is_restarted_as_specified() {
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        let log = Log::new();
        let (inside, outside) = (log.clone(), Role::new("outside", &log));
        let inner = ChildSpec::from_fn(move || {
            let builder = two(&inside).restarts(0, SECOND);
            builder.start().name("inner")
        });
        let top = Supervisor::builder()
            .child(outside.spec())
            .child(inner.id("inner").restart(restart))
            .start()
            .await
            .unwrap();
        let before = states(&top).await;
        let mut probe = Probe::<u8>::new();
        probe.monitor(Supervisor::named("inner").pid());
        log.take();
        crash("a").await;
        assert_down!(probe, ExitReason::ShutdownWith(_));
        let after = states(&top).await;
        assert_eq!(after[0], before[0], "the others notice nothing");
        let mut all = vec!["-a: panic", "-b: shutdown"];
        match restart {
            Restart::Permanent => {
                all.extend(["+a", "+b"]);
                assert_ne!(running(Some(after[1].1)), running(Some(before[1].1)));
            }
            Restart::Transient => assert_eq!(after[1].1, ChildState::Stopped),
            Restart::Temporary => assert_eq!(after.len(), 1),
        }
        assert_eq!(log.take(), all, "{restart:?}");
        top.stop().await.unwrap();
    }
}

/// Giving up propagates: each level follows its spec, and the top ends with `ShutdownWith`.
#[ambit::test]
async fn a_child_that_cannot_live_takes_the_tree_down_level_by_level() {
    let log = Log::new();
    let role = Role::new("a", &log);
    let inner = {
        let role = role.clone();
        ChildSpec::from_fn(move || {
            let builder = Supervisor::builder().restarts(1, 5 * SECOND);
            builder.child(role.spec()).start()
        })
    };
    let builder = Supervisor::builder().restarts(1, 5 * SECOND).child(inner);
    let top = builder.start().await.unwrap();
    for n in 1..=3 {
        crash("a").await;
        assert!(top.is_alive(), "{n}");
    }
    crash("a").await;
    assert!(gave_up(&top.closed().await));
    assert_eq!(role.tries(), 4);
}
