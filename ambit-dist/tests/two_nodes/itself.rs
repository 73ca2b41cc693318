//! Requests of a node to itself: the same code without a network.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit::rpc;
use ambit_dist::{Limits, Node, StartOnError};
use tokio::sync::Notify;

use crate::two_nodes::messages::Counter;
use crate::two_nodes::pair::{pair, pair_within};

#[rpc(name = "test.own_sum")]
async fn sum(parts: Vec<u64>) -> Result<u64, String> {
    parts
        .iter()
        .copied()
        .reduce(|a, b| a + b)
        .ok_or_else(|| "nothing to add".to_owned())
}

#[rpc(name = "test.own_panic")]
async fn fails(text: String) -> u64 {
    panic!("{text}")
}

/// Both notified by `waits`: when it starts, and when it is dropped.
static BEGUN: Notify = Notify::const_new();
static ENDED: Notify = Notify::const_new();

struct Ended;

impl Drop for Ended {
    fn drop(&mut self) {
        ENDED.notify_one();
    }
}

#[rpc(name = "test.own_waits", timeout = Duration::from_secs(60))]
async fn waits() -> u64 {
    let _ended = Ended;
    BEGUN.notify_one();
    std::future::pending().await
}

/// Starts a server on either node: itself, or another one.
async fn start_on(node: &Node, name: &str) -> Result<u64, StartOnError> {
    let counter: crate::two_nodes::messages::CounterSubject =
        node.on(name).start::<Counter>((42,)).await?;
    Ok(counter.get().await.unwrap())
}

#[ambit::test(real_time)]
async fn a_server_is_started_on_the_node_itself_as_on_another() {
    let pair = pair().await;
    pair.near.expose::<Counter>();
    pair.far.expose::<Counter>();
    assert_eq!(start_on(&pair.near, "far").await, Ok(42));
    assert_eq!(start_on(&pair.near, "near").await, Ok(42));
    let own = pair.near.on(pair.near.name().as_str());
    let counter = own.start::<Counter>((1,)).await.unwrap();
    assert!(
        ambit::process_info(&counter).is_some(),
        "it is no process of this system"
    );
}

#[ambit::test(real_time)]
async fn an_unexposed_server_is_not_started_on_the_local_node_either() {
    let pair = pair().await;
    let refused = |name: &'static str| {
        let start = pair.near.on(name).start::<Counter>((1,));
        async move {
            match start.await.unwrap_err() {
                StartOnError::Call { error, .. } => error,
                other => panic!("{other}"),
            }
        }
    };
    assert_eq!(refused("far").await, CallError::NotExposed);
    assert_eq!(refused("near").await, CallError::NotExposed);
    let own = pair.near.on("near").call(sum(vec![1])).await;
    assert_eq!(own, Err(CallError::NotExposed));
}

#[ambit::test(real_time)]
async fn a_function_of_the_node_itself_gives_its_value_its_error_or_its_panic() {
    let pair = pair().await;
    pair.near.expose_rpc::<sum>();
    let own = pair.near.on("near");
    assert_eq!(own.call(sum(vec![1, 2, 3])).await, Ok(Ok(6)));
    let pending = own.call(sum(vec![])).send().unwrap();
    assert_eq!(pending.await, Ok(Err("nothing to add".to_owned())));
    // The other system, because a crash there does not fail the test.
    pair.far.expose_rpc::<fails>();
    let own = pair.far.on("far");
    let error = own.call(fails("on purpose".to_owned())).await.unwrap_err();
    let CallError::Exited { reason, executed } = error else {
        panic!("{error}");
    };
    assert!(matches!(reason, ExitReason::Panic(_)), "{reason}");
    assert!(reason.to_string().contains("on purpose"), "{reason}");
    assert_eq!(executed, Executed::Maybe);
}

#[ambit::test(real_time)]
async fn a_call_of_the_node_itself_ends_in_time_and_its_work_with_it() {
    let pair = pair().await;
    pair.far.expose_rpc::<waits>();
    let own = pair.far.on("far");
    let late = own.call(waits()).timeout(Duration::from_millis(20)).await;
    assert_eq!(late, Err(CallError::Timeout));
    BEGUN.notified().await;
    ENDED.notified().await;
    let pending = own.call(waits()).send().unwrap();
    BEGUN.notified().await;
    drop(pending);
    ENDED.notified().await;
}

#[ambit::test(real_time)]
async fn a_start_on_the_node_itself_that_is_dropped_leaves_no_server_behind() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let mut start = pin!(pair.far.on("far").start::<Counter>((7,)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(start.as_mut().poll(&mut cx).is_pending());
    while pair.far_system.process_count() == 0 {
        tokio::task::yield_now().await;
    }
    start.set(pair.far.on("far").start::<Counter>((8,)));
    while pair.far_system.process_count() > 0 {
        tokio::task::yield_now().await;
    }
}

#[ambit::test(real_time)]
async fn a_linked_start_on_the_node_itself_links_it_to_the_caller() {
    let pair = pair().await;
    pair.near.expose::<Counter>();
    ambit::trap_exits(true).unwrap();
    let counter = pair.near.on("near").start::<Counter>((1,)).link().await;
    let counter = counter.unwrap();
    let info = ambit::process_info(ambit::self_pid().unwrap()).unwrap();
    assert!(info.links.contains(&counter.pid()));
}

/// Two versions of a server under one name, in one program.
mod other {
    use ambit::prelude::*;

    #[allow(unnameable_types, reason = "a public server of a test")]
    pub struct Till(u64);

    #[gen_server(remote = "test.own_till")]
    impl Till {
        #[init]
        fn new(cents: u64) -> Self {
            Self(cents)
        }
        #[call]
        fn cents(&self) -> u64 {
            self.0
        }
    }
}

#[allow(unnameable_types, reason = "a public server of a test")]
pub struct Till(String);

#[gen_server(remote = "test.own_till")]
impl Till {
    #[init]
    fn new(cents: String) -> Self {
        Self(cents)
    }
    #[call]
    fn cents(&self) -> String {
        self.0.clone()
    }
}

#[ambit::test(real_time)]
async fn another_type_of_the_same_name_and_a_message_that_is_too_large_fail_as_elsewhere() {
    let pair = pair_within(&Limits::default().max_message(64 << 10)).await;
    for node in [&pair.near, &pair.far] {
        node.expose::<other::Till>();
    }
    let other = |name: &'static str| {
        let start = pair.near.on(name).start::<Till>(("1".to_owned(),));
        async move { start.await.unwrap_err().to_string().replace(name, "..") }
    };
    let (there, here) = (other("far").await, other("near").await);
    assert_eq!(here, there);
    assert!(here.contains("was `string` and is `u64`"), "{here}");
    let large = |name: &'static str| {
        let start = pair.near.on(name).start::<Till>(("1".repeat(70_000),));
        async move { start.await.unwrap_err().to_string().replace(name, "..") }
    };
    let (there, here) = (large("far").await, large("near").await);
    assert_eq!(here, there);
    assert!(here.contains("arguments are larger than"), "{here}");
}
