//! Registrations on nodes that do not have all names of the other nodes yet.

use std::time::Duration;

use ambit_dist::{Node, NodeEvent, RegisterNameError};

use super::support::{Counter, CounterSubject, all_see, apart, cut, heal, until};
use crate::distribution::support::Net;
use crate::membership::support::cluster;

/// Returns a name that fills half a chunk of a transfer.
fn long_name(index: usize) -> String {
    format!("{index}{}", "x".repeat(30 * 1024))
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_taken_name_is_refused_on_a_node_that_still_receives_the_names() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    for index in 0..200 {
        let name = long_name(index);
        a.names().register(&name, &counter).await.unwrap();
    }
    a.names().register("c", &counter).await.unwrap();
    let b = net.builder("b").seeds([Net::at("a")]).start().await;
    let b = b.unwrap();
    for node in [&a, &b] {
        node.membership().wait_until(|up| up.len() == 2).await;
    }
    assert_eq!(b.names().node_of("c"), None, "it is still received");
    let second = Counter::start(0).await.unwrap();
    let refused = b.names().register("c", &second).await;
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
}

/// Starts `a`, which holds the name "c" after 200 long ones, and `b`, which knows `a` and none of its names. An hour
/// passes, which only a paused clock can do.
async fn joining(net: &Net, counter: &CounterSubject) -> [Node; 2] {
    let [a] = cluster(net).await;
    for index in 0..200 {
        let name = long_name(index);
        a.names().register(&name, counter).await.unwrap();
    }
    // A node reads the clock of the machine at its start only, so that the claims of the next one are older than this.
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    a.names().register("c", counter).await.unwrap();
    let b = net.builder("b").seeds([Net::at("a")]).start().await;
    let b = b.unwrap();
    for node in [&a, &b] {
        node.membership().wait_until(|up| up.len() == 2).await;
    }
    assert_eq!(b.names().node_of("c"), None, "it is still received");
    [a, b]
}

/// The claim of the joining node would rank first.
async fn holder_keeps_its_name(priority: i32) {
    let net = Net::in_memory();
    let counter = Counter::start(0).await.unwrap();
    let [a, b] = joining(&net, &counter).await;
    let second = Counter::start(0).await.unwrap();
    let refused = b.names().register("c", &second).priority(priority).await;
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(counter.is_alive() && second.is_alive());
    all_see(&[&a, &b], "c", Some(a.id())).await;
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_holder_keeps_its_name_although_a_joining_node_has_an_older_time() {
    holder_keeps_its_name(0).await;
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_holder_keeps_its_name_although_a_joining_node_has_a_higher_priority() {
    holder_keeps_its_name(1).await;
}

/// The session begins before the member that was lost is reported as up again. The long partition outlasts the time for
/// which its names are kept.
#[tokio::test(start_paused = true)]
async fn glob_02_a_taken_name_is_refused_right_after_a_reconnection_to_its_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    for partition in [Duration::ZERO, Duration::from_secs(60)] {
        cut(&net, &[&a], &[&b]);
        apart(&[&a], &[&b]).await;
        until("no session", || {
            a.peers().is_empty() && b.peers().is_empty()
        })
        .await;
        tokio::time::sleep(partition).await;
        let mut events = b.events();
        heal(&net, &[&a], &[&b]);
        let event = tokio::time::timeout(Duration::from_secs(60), events.next());
        let event = event.await.expect("an event");
        assert!(matches!(event, Some(NodeEvent::Up { .. })), "{event:?}");
        let second = Counter::start(0).await.unwrap();
        let refused = b.names().register("c", &second).priority(1).await;
        let node = a.id().clone();
        assert_eq!(refused, Err(RegisterNameError::Taken { node }));
        all_see(&[&a, &b], "c", Some(a.id())).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(counter.is_alive() && second.is_alive());
    }
}

#[tokio::test(start_paused = true)]
async fn a_joining_node_moves_a_name_that_it_does_not_know_yet() {
    let net = Net::in_memory();
    let counter = Counter::start(0).await.unwrap();
    let [a, b] = joining(&net, &counter).await;
    let second = Counter::start(0).await.unwrap();
    b.names().re_register("c", &second).await.unwrap();
    all_see(&[&a, &b], "c", Some(b.id())).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(counter.is_alive() && second.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_reservation_of_a_joining_node_takes_no_name_from_its_holder() {
    let net = Net::in_memory();
    let counter = Counter::start(0).await.unwrap();
    let [a, b] = joining(&net, &counter).await;
    let refused = b.names().reserve("c").await.map(drop);
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(counter.is_alive());
}

/// The joining node receives the names of a member that it cannot reach by way of another one.
#[tokio::test(start_paused = true)]
async fn glob_02_a_holder_that_a_joining_node_cannot_reach_keeps_its_name() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    b.names().register("c", &counter).await.unwrap();
    net.cut(Net::at("b"), Net::at("c"));
    let c = net.builder("c").seeds([Net::at("a")]).start().await;
    let c = c.unwrap();
    c.membership().wait_until(|up| up.len() == 3).await;
    let second = Counter::start(0).await.unwrap();
    let refused = c.names().register("c", &second).priority(1).await;
    let node = b.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    all_see(&[&a, &b, &c], "c", Some(b.id())).await;
    assert!(counter.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_is_dropped_while_names_are_received_writes_nothing() {
    let net = Net::in_memory();
    let counter = Counter::start(0).await.unwrap();
    let [a, b] = joining(&net, &counter).await;
    let second = Counter::start(0).await.unwrap();
    let registration = b.names().register("d", &second).into_future();
    let early = tokio::time::timeout(Duration::ZERO, registration).await;
    assert!(early.is_err(), "{early:?}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    all_see(&[&a, &b], "d", None).await;
    b.names().register("d", &second).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn glob_02_of_registrations_at_once_one_succeeds_although_many_names_are_not_yet_sent() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let filler = Counter::start(0).await.unwrap();
    for round in 0..10 {
        let counters = [
            Counter::start(1).await.unwrap(),
            Counter::start(2).await.unwrap(),
        ];
        let fill = (0..20).map(|index| {
            let name = long_name(100 * round + index);
            tokio::spawn(a.names().register(&name, &filler).into_future())
        });
        let fill: Vec<_> = fill.collect();
        let name = format!("r{round}");
        let [first, second] = counters;
        let registrations = [(&a, first), (&b, second)].map(|(node, counter)| {
            tokio::spawn(node.names().register(&name, &counter).into_future())
        });
        let mut results = Vec::new();
        for registration in registrations {
            results.push(registration.await.unwrap());
        }
        results.sort_by_key(Result::is_err);
        let is_taken = matches!(results[1], Err(RegisterNameError::Taken { .. }));
        assert!(results[0].is_ok() && is_taken, "{results:?}");
        for filled in fill {
            filled.await.unwrap().unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_taken_name_is_refused_right_after_a_connection_to_its_node() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let (counter, second) = (
        Counter::start(0).await.unwrap(),
        Counter::start(0).await.unwrap(),
    );
    a.names().register("c", &counter).await.unwrap();
    let b = net.builder("b").start().await.unwrap();
    b.connect(a.local_addr()).await.unwrap();
    let refused = b.names().register("c", &second).await;
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    assert!(second.is_alive());
}

#[tokio::test(start_paused = true)]
async fn glob_01_a_name_is_seen_at_once_by_the_node_of_a_new_connection() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let b = net.builder("b").start().await.unwrap();
    a.connect(b.local_addr()).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    assert_eq!(b.names().node_of("c").as_ref(), Some(a.id()));
}
