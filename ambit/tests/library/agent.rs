//! Agents.

use std::collections::BTreeMap;
use std::time::Duration;

use ambit::agent::{Agent, AgentServer};
use ambit::error::Executed;
use ambit::prelude::*;
use ambit::sys;
use ambit::test::{Probe, await_restart, crash, expect_crash, holdings, settle};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::process::poll_once;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

async fn counter() -> Agent<u64> {
    Agent::start(|| 0).await.unwrap()
}

#[ambit::test]
async fn agent_01_closures_run_in_the_agent_on_its_present_value() {
    let (sender, receiver) = oneshot::channel();
    let agent = Agent::start(move || {
        sender.send(ambit::self_pid()).ok();
        vec!["a"]
    });
    let agent = agent.await.unwrap();
    let pid = agent.pid();
    assert_eq!(receiver.await.unwrap(), Ok(pid));
    assert_eq!(agent.get(|_| ambit::self_pid()).await, Ok(Ok(pid)));
    assert_eq!(agent.update(|list| list.push("b")).await, Ok(()));
    assert_eq!(agent.cast(|list| list.push("c")).await, Ok(()));
    assert_eq!(agent.get(Vec::clone).await, Ok(vec!["a", "b", "c"]));
    assert_eq!(agent.get_and_update(Vec::pop).await, Ok(Some("c")));
    assert_eq!(agent.get(Vec::len).await, Ok(2));
}

#[ambit::test]
async fn agent_01_the_verbs_are_those_of_any_server() {
    let agent = counter().await;
    sys::suspend(&agent).await.unwrap();
    let later = agent.update(|n| *n += 1).send();
    agent.cast(|n| *n *= 10).now().unwrap();
    let asked = agent.get(|n| *n).now().unwrap();
    sys::resume(&agent).await.unwrap();
    assert_eq!(later.await, Ok(()));
    assert_eq!(asked.await, Ok(10), "one after the other, in order");
    assert_eq!(agent.get(|n| *n).into_owned().await, Ok(10));
    let state = sys::state_of::<AgentServer<u64>>(&agent).await.unwrap();
    assert_eq!(state.0, 10);
}

#[ambit::test]
async fn a_closure_that_fails_takes_the_agent_along() {
    let agent = counter().await;
    expect_crash(&agent);
    let queued = agent.get(|n| *n);
    let failed = agent.update(|_| panic!("broken")).await;
    let Err(CallError::Exited { reason, executed }) = failed else {
        panic!("{failed:?}")
    };
    assert!(matches!(reason, ExitReason::Panic(_)));
    assert_eq!(executed, Executed::Maybe);
    assert_eq!(queued.await, Err(CallError::NoProcess));

    let agent = counter().await;
    expect_crash(&agent);
    agent.cast(|_| panic!("broken")).await.unwrap();
    assert!(matches!(agent.closed().await, ExitReason::Panic(_)));
    let report = ambit::test::crashes();
    assert!(report.is_empty(), "both were expected");
}

#[ambit::test]
async fn agent_02_an_init_that_fails_is_the_error_and_leaves_nothing() {
    let before = holdings();
    let failed = Agent::<u8>::start(|| panic!("no value"))
        .name("agent")
        .await;
    let Err(StartError::Init(ExitReason::Panic(report))) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(report.message(), "no value");
    let failed = Agent::try_start(|| "x".parse::<u8>()).name("agent").await;
    let Err(StartError::Init(ExitReason::Error(report))) = failed else {
        panic!("{failed:?}")
    };
    assert!(report.downcast_ref::<std::num::ParseIntError>().is_some());
    assert_eq!(holdings(), before);
    let agent = Agent::try_start(|| "7".parse::<u8>()).name("agent").await;
    assert_eq!(agent.unwrap().get(|n| *n).await, Ok(7), "the name is free");
}

#[ambit::test]
async fn agent_04_after_a_timeout_the_change_is_made_all_the_same() {
    let agent = counter().await;
    sys::suspend(&agent).await.unwrap();
    let asked = Instant::now();
    let late = agent.get_and_update(|n| *n += 1).timeout(secs(1)).await;
    assert_eq!(late, Err(CallError::Timeout));
    assert_eq!(asked.elapsed(), secs(1));
    let late = agent.with_timeout(secs(2)).update(|n| *n += 1).await;
    assert_eq!(late, Err(CallError::Timeout));
    assert_eq!(asked.elapsed(), secs(3));
    sys::resume(&agent).await.unwrap();
    assert_eq!(agent.get(|n| *n).await, Ok(2));
}

#[ambit::test(flavor = "multi_thread")]
async fn agent_05_a_thousand_increments_are_a_thousand() {
    let agent = counter().await;
    let workers: Vec<_> = (0..50)
        .map(|n| {
            let agent = agent.clone();
            Task::spawn(async move {
                for m in 0..20 {
                    if (n + m) % 2 == 0 {
                        agent.update(|n| *n += 1).await.unwrap();
                    } else {
                        agent.cast(|n| *n += 1).await.unwrap();
                    }
                }
            })
        })
        .collect();
    ambit::task::await_many(workers).await.unwrap();
    assert_eq!(agent.get(|n| *n).await, Ok(1000));
}

#[ambit::test]
async fn agent_06_after_stop_the_agent_has_exited_and_its_name_is_free() {
    let before = holdings();
    let agent = Agent::start(|| 0).name("agent").await.unwrap();
    assert_eq!(Agent::<i32>::named("agent").pid(), agent.pid());
    agent.cast(|n| *n += 1).await.unwrap();
    agent.stop().await.unwrap();
    assert!(!agent.is_alive());
    assert_eq!(holdings(), before);
    assert_eq!(agent.get(|n| *n).await, Err(CallError::NoProcess));
    let again = Agent::start(|| 5).name("agent").await.unwrap();
    assert_eq!(Agent::<i32>::named("agent").get(|n| *n).await, Ok(5));
    assert_eq!(ambit::whereis::<AgentServer<i32>>("agent"), Ok(again));
}

#[ambit::test]
async fn agent_06_it_can_be_a_child() {
    let spec = Agent::child_spec(BTreeMap::<&str, u8>::new).name("settings");
    let supervisor = Supervisor::builder();
    let supervisor = supervisor.child(spec).start().await.unwrap();
    let children = supervisor.which_children().await.unwrap();
    assert_eq!(children[0].id, "Agent");
    let settings = Agent::<BTreeMap<&str, u8>>::named("settings");
    settings
        .update(|all| all.extend([("size", 3)]))
        .await
        .unwrap();
    let old = settings.pid();
    crash(&settings).await;
    await_restart(&settings, old).await;
    assert_eq!(settings.get(BTreeMap::len).await, Ok(0), "a new value");

    let more = Agent::child_spec(|| 7).id("more");
    let handle = supervisor.start_child(more).await.unwrap();
    let old = handle.pid();
    crash(&handle).await;
    await_restart(&handle, old).await;
    assert_eq!(handle.get(|n| *n).await, Ok(7), "the handle follows it");
    supervisor.stop().await.unwrap();
    assert_eq!(handle.get(|n| *n).await, Err(CallError::NoProcess));
}

#[ambit::test]
async fn an_agent_ends_with_the_process_it_is_linked_to() {
    let (sender, receiver) = oneshot::channel();
    let owner = ambit::spawn(move |_: Inbox<u8>| async move {
        let agent = Agent::start(|| 0).link().await.unwrap();
        sender.send(agent).ok();
        std::future::pending::<()>().await;
    });
    let agent = receiver.await.unwrap();
    ambit::exit(&owner, ExitReason::Shutdown);
    assert_eq!(agent.closed().await, ExitReason::Shutdown);
}

#[ambit::test]
async fn agents_stand_in_registries() {
    let carts: Registry<u64, AgentServer<u32>> = Registry::unique();
    let cart = Agent::start(|| 1).await.unwrap();
    carts.register(7u64, &cart).unwrap();
    let found: Option<Agent<u32>> = carts.lookup(&7);
    assert_eq!(found, Some(cart.clone()));
    assert_eq!(carts.via(7u64).get(|n| *n).await, Ok(1));
    cart.stop().await.unwrap();
    let mut waiting = carts.via(7u64).when_available();
    waiting = waiting.with_timeout(secs(9));
    let mut look = waiting.get(|n| *n);
    assert!(poll_once(&mut look).await.is_pending());
    let next = Agent::start(|| 2).await.unwrap();
    carts.register(7u64, &next).unwrap();
    assert_eq!(look.await, Ok(2));
}

#[ambit::test]
async fn messages_queued_at_a_stopped_agent_are_reported() {
    let agent = counter().await;
    sys::suspend(&agent).await.unwrap();
    agent.cast(|n| *n += 1).await.unwrap();
    let asked = agent.update(|n| *n += 1).send();
    expect_crash(&agent);
    ambit::exit(&agent, ExitReason::Kill);
    let failed = asked.await.unwrap_err();
    let (reason, executed) = (ExitReason::Killed, Executed::No);
    assert_eq!(failed, CallError::Exited { reason, executed });
    settle().await;
    assert_eq!(ambit::test::dead_letters().len(), 1, "the cast");
}

#[ambit::test]
async fn x78_a_migration_that_fails_leaves_the_value() {
    let agent = Agent::start(|| 7_u64).await.unwrap();
    let mut probe = Probe::<()>::new();
    probe.monitor(&agent);
    sys::suspend(&agent).await.unwrap();
    let failed = agent.replace_state(|_| panic!("no migration")).await;
    assert_eq!(failed, Err(CallError::NoReply));
    sys::resume(&agent).await.unwrap();
    assert_eq!(agent.get(|n| *n).await, Ok(7));

    sys::suspend(&agent).await.unwrap();
    assert_eq!(agent.replace_state(|n| n * 2).await, Ok(()));
    sys::resume(&agent).await.unwrap();
    assert_eq!(agent.get(|n| *n).await, Ok(14));
    probe.refute_within(secs(1)).await;
}

#[ambit::test]
async fn agent_01_a_change_may_return_anything_and_it_is_dropped_in_the_agent() {
    /// Reports the process in which it was dropped. It is not `Send`, so it cannot leave its process.
    struct Dropped(std::rc::Rc<()>, Option<oneshot::Sender<Pid>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let own = ambit::self_pid().unwrap();
            self.1.take().unwrap().send(own).ok();
        }
    }
    let agent = Agent::start(Vec::<u8>::new).await.unwrap();
    for is_cast in [false, true] {
        let (sender, receiver) = oneshot::channel();
        let change = move |list: &mut Vec<u8>| {
            list.push(7);
            Dropped(std::rc::Rc::new(()), Some(sender))
        };
        if is_cast {
            agent.cast(change).await.unwrap();
        } else {
            agent.update(change).await.unwrap();
        }
        assert_eq!(receiver.await, Ok(agent.pid()));
    }
    agent.update(|list| list.pop()).await.unwrap();
    agent.update(Vec::pop).await.unwrap();
    agent.cast(|list| list.is_empty()).await.unwrap();
    // The same with changes that return `()`.
    agent.update(|list| list.clear()).await.unwrap();
    agent.update(Vec::clear).await.unwrap();
    assert_eq!(agent.get(Vec::len).await, Ok(0));
}
