//! Starts under a name of the cluster, and operations on the process that has it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::process::{InboxEvent, Pid};
use ambit_dist::{Node, RegisterNameError};

use super::support::{Counter, CounterSubject, all_see, until};
use crate::distribution::support::Net;
use crate::membership::support::cluster;

/// A server whose start can fail, and counts its attempts.
struct Picky;

#[gen_server(remote = "names.picky")]
impl Picky {
    #[init]
    fn new(tries: Arc<AtomicUsize>, fails: bool) -> Result<Self, String> {
        tries.fetch_add(1, Ordering::Relaxed);
        match fails {
            true => Err("refused".to_owned()),
            false => Ok(Self),
        }
    }
}

/// Starts a server under a name that it has from the first moment.
async fn start_as(
    node: &Node,
    name: &str,
    tries: &Arc<AtomicUsize>,
    fails: bool,
) -> Result<PickySubject, RegisterNameError> {
    let reserved = node.names().reserve(name).await?;
    let Ok(picky) = Picky::start(tries.clone(), fails).await else {
        return Err(RegisterNameError::NoProcess);
    };
    reserved.register(&picky).await?;
    Ok(picky)
}

#[tokio::test(start_paused = true)]
async fn gs_02_an_init_that_refuses_leaves_no_name_of_the_cluster() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let tries = Arc::default();
    for _ in 0..100 {
        let refused = start_as(&a, "picky", &tries, true).await;
        assert_eq!(refused, Err(RegisterNameError::NoProcess));
        for node in [&a, &b] {
            assert_eq!(node.names().whereis::<Picky>("picky"), None);
        }
        assert_eq!(a.names().registered(), [""; 0]);
    }
    assert_eq!(tries.load(Ordering::Relaxed), 100);
    // The last withdrawal arrives meanwhile.
    tokio::time::sleep(Duration::from_secs(1)).await;
    start_as(&b, "picky", &tries, false).await.unwrap();
    all_see(&[&a, &b], "picky", Some(b.id())).await;
}

#[tokio::test(start_paused = true)]
async fn gs_06_a_start_under_a_taken_name_of_the_cluster_does_not_run_its_init() {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    let tries = Arc::default();
    let _picky = start_as(&nodes[0], "picky", &tries, false).await.unwrap();
    for node in &nodes {
        let refused = start_as(node, "picky", &tries, false).await;
        let holder = nodes[0].id().clone();
        assert_eq!(refused, Err(RegisterNameError::Taken { node: holder }));
        assert!(node.names().whereis::<Picky>("picky").is_some());
    }
    assert_eq!(tries.load(Ordering::Relaxed), 1, "only the first init ran");
}

#[tokio::test(start_paused = true)]
async fn gs_21_stop_ends_a_server_by_its_name_of_the_cluster() {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    for node in &nodes {
        let counter = Counter::start(0).await.unwrap();
        nodes[1].names().register("c", &counter).await.unwrap();
        until("it is seen", || node.names().node_of("c").is_some()).await;
        let by_name = node.names().via::<Counter>("c");
        let reason = ExitReason::shutdown_with("enough");
        by_name.stop_with(reason.clone()).await.unwrap();
        assert_eq!(counter.closed().await, reason);
        all_see(&nodes.each_ref(), "c", None).await;
        assert_eq!(by_name.stop().await, Err(StopError::NoProcess));
    }
}

#[tokio::test(start_paused = true)]
async fn x18_a_name_of_the_cluster_finds_its_process_or_none() {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    nodes[2].names().register("c", &counter).await.unwrap();
    for (value, node) in (1..).step_by(2).zip(&nodes) {
        let names = node.names();
        let by_name = names.via::<Counter>("c");
        assert!(ambit::is_alive(&by_name));
        assert_eq!(by_name.add(1).await, Ok(value));
        let found = names.whereis::<Counter>("c").unwrap();
        assert_eq!(found.pid(), by_name.pid());
        assert_eq!(found.add(1).await, Ok(value + 1));
        assert_eq!(names.whereis::<Counter>("d"), None);
        let unknown: CounterSubject = names.via::<Counter>("d");
        assert_eq!(unknown.pid(), Pid::NOBODY);
        assert!(!ambit::is_alive(&unknown));
    }
}

#[ambit::test]
async fn mon_10_a_monitor_by_a_name_of_the_cluster_reports_its_process(mut inbox: Inbox<()>) {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    nodes[0].names().register("c", &counter).await.unwrap();
    let mut monitors = BTreeMap::new();
    for node in &nodes {
        // Each node has its own pid for the process.
        let by_name = node.names().via::<Counter>("c");
        monitors.insert(inbox.monitor(&by_name), by_name.pid());
        // The call arrives after the monitor.
        by_name.add(1).await.unwrap();
    }
    counter.stop_with(ExitReason::Shutdown).await.unwrap();
    for _ in &nodes {
        let InboxEvent::Down(down) = inbox.next().await else {
            panic!("only monitors send to it");
        };
        let pid = monitors.remove(&down.monitor).unwrap();
        assert_eq!(down.target, Watched::Process(pid));
        assert_eq!(down.reason, ExitReason::Shutdown);
    }
    let unknown = nodes[1].names().via::<Counter>("nobody");
    let monitor = inbox.monitor(&unknown);
    let InboxEvent::Down(down) = inbox.next().await else {
        panic!("only monitors send to it");
    };
    assert_eq!(
        (down.monitor, down.reason),
        (monitor, ExitReason::NoProcess)
    );
}
