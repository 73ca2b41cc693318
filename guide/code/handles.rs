//! The tests on the page "Handles".
#![forbid(unsafe_code)]

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::group::{Group, GroupEvent};
use ambit::pool::PoolWorkerState;
use ambit::prelude::*;
use ambit::registry::RegistryEvent;
use ambit::test::Probe;
// ANCHOR_END: imports

// ANCHOR: counter
#[derive(Clone)]
struct Counter(u64);

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self(value)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}
// ANCHOR_END: counter

// ANCHOR: own
#[ambit::test]
async fn dropping_a_value_ends_its_deliveries() -> Result<(), Box<dyn Error>> {
    let prices = PubSub::new().topic::<u32>("coffee");
    let latest = prices.listen(); // delivers to `latest`
    assert_eq!(prices.broadcast(180), 1);
    drop(latest);
    assert_eq!(prices.broadcast(190), 0); // no subscriber is left

    let owned = Counter::start(1).owned().await?;
    let end = owned.monitor(); // delivers the `Down` to `end`
    drop(owned);
    assert_eq!(end.await.reason, ExitReason::Normal);
    Ok(())
}
// ANCHOR_END: own

// ANCHOR: name
#[ambit::test]
async fn a_registration_to_a_mailbox_continues() {
    let mut probe = Probe::<u8>::new();
    drop(ambit::send_after(
        &probe.recipient(),
        Duration::from_secs(1),
        7,
    ));
    assert_eq!(probe.expect().await, 7);

    let teams: Group<u8> = Group::new();
    let mut watcher = Probe::<GroupEvent<u8>>::new();
    let (_, monitor) = teams.monitor("red", watcher.recipient());
    drop(monitor.clone());
    teams.join("red", &probe.subject()).unwrap();
    assert!(matches!(watcher.expect().await, GroupEvent::Joined(_)));

    assert!(monitor.demonitor()); // this ends the monitor
    teams.leave("red", &probe.subject()).unwrap();
    watcher.refute_within(Duration::from_secs(1)).await;
}
// ANCHOR_END: name

// ANCHOR: unsubscribe
#[ambit::test]
async fn a_subscription_of_a_process_ends_by_pid() -> Result<(), Box<dyn Error>> {
    let counters: Registry<String, Counter> = Registry::unique();
    let mut log = Probe::<RegistryEvent<String>>::new();
    counters.subscribe(log.recipient());
    let counter = Counter::start(1).await?;
    counters.register("first", &counter)?;
    assert!(matches!(log.expect().await, RegistryEvent::Registered(..)));
    assert_eq!(counters.unsubscribe(log.pid()), 1);
    Ok(())
}
// ANCHOR_END: unsubscribe

// ANCHOR: recipient
struct Till(u64);

#[gen_server]
impl Till {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[info]
    fn paid(&mut self, cents: u64) {
        self.0 += cents;
    }

    #[call]
    fn total(&self) -> u64 {
        self.0
    }
}

#[ambit::test]
async fn one_type_of_message_for_different_processes() -> Result<(), StartError> {
    let till = Till::start().await?;
    let plain =
        ambit::spawn(|mut inbox: Inbox<u64>| async move { while inbox.recv().await.is_some() {} });
    let all: [Recipient<u64>; 2] = [till.recipient(), plain.recipient()];
    for recipient in &all {
        recipient.send(250).await.unwrap();
    }
    assert_eq!(till.total().await, Ok(250));
    Ok(())
}
// ANCHOR_END: recipient

// ANCHOR: shared
#[ambit::test]
async fn shared_state_is_read_at_once() -> Result<(), StartError> {
    let pool = Pool::builder(Counter::child_spec(7))
        .size(3)
        .start()
        .await?;
    let lease = pool.checkout().await.unwrap();
    assert_eq!((pool.status().free, pool.status().busy), (2, 1));
    for worker in pool.workers() {
        let is_mine = worker.pid == Some(lease.pid());
        assert_eq!(worker.state == PoolWorkerState::Busy, is_mine);
        assert_eq!(worker.handle.get().await, Ok(7));
    }
    Ok(())
}
// ANCHOR_END: shared

// ANCHOR: asked
#[ambit::test]
async fn the_state_of_a_process_is_requested() -> Result<(), Box<dyn Error>> {
    let spec = Counter::child_spec(7).id("counter");
    let supervisor = Supervisor::builder().child(spec).start().await?;
    let patience = Duration::from_secs(1);
    let children = supervisor.which_children().timeout(patience).await?;
    assert_eq!(children[0].id, "counter");

    supervisor.stop().await?;
    let children = supervisor.which_children().await;
    assert_eq!(children, Err(CallError::NoProcess));
    Ok(())
}
// ANCHOR_END: asked

// ANCHOR: agent
#[ambit::test]
async fn a_change_of_an_agent_may_return_anything() -> Result<(), Box<dyn Error>> {
    let names = Agent::start(Vec::new).await?;
    names.update(|names| names.push("Ann")).await?;
    names.update(|names| names.pop()).await?; // the returned value is dropped
    names.cast(|names| names.is_empty()).await?;
    ambit::test::settle().await;
    assert_eq!(names.get(Vec::len).await, Ok(0));
    Ok(())
}
// ANCHOR_END: agent
