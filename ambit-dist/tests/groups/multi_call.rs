//! Calls to the members of a group on many nodes.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use ambit::error::CallError;
use ambit::prelude::*;
use ambit_dist::{MultiCallError, Node};
use tokio::sync::oneshot;

use crate::distribution::support::Net;
use crate::membership::support::cluster;
use crate::names::support::until;

struct Meter {
    value: u64,
    is_stuck: bool,
}

#[gen_server(remote = "groups.meter")]
impl Meter {
    #[init]
    fn new(value: u64, is_stuck: bool) -> Self {
        Self { value, is_stuck }
    }

    #[call]
    async fn value(&mut self) -> u64 {
        if self.is_stuck {
            std::future::pending::<()>().await;
        }
        self.value
    }
}

async fn value(meter: MeterSubject) -> Result<u64, CallError> {
    meter.value().timeout(Duration::from_secs(600)).await
}

/// Three nodes with one meter each, and a node without one. The meter of `c` never replies.
async fn meters(net: &Net) -> ([Node; 4], Vec<MeterSubject>) {
    let nodes: [Node; 4] = cluster(net).await;
    let mut meters = Vec::new();
    for (value, node) in (1..).zip(&nodes[..3]) {
        let meter = Meter::start(value, value == 3).await.unwrap();
        node.groups().join("meters", &meter).unwrap();
        meters.push(meter);
    }
    let all = || nodes[0].groups().members::<Meter>("meters").len() == 3;
    until("all meters", all).await;
    (nodes, meters)
}

#[tokio::test(start_paused = true)]
async fn gs_28_replies_and_failures_of_many_nodes_are_separate() {
    let net = Net::new();
    let (nodes, _meters) = meters(&net).await;
    let [a, b, c, d] = nodes.each_ref();
    let meters = a.groups().multi_call::<Meter>("meters");
    let meters = meters.nodes(["a", "b", "c", "d", "nowhere"]);
    let timeout = Duration::from_secs(1);
    let begin = tokio::time::Instant::now();
    let answered = meters.timeout(timeout).call(value).await;
    assert!(begin.elapsed() >= timeout && begin.elapsed() < timeout + net.at_once());
    assert_eq!(answered.replies, [(a.id().clone(), 1), (b.id().clone(), 2)]);
    let expected = [
        (d.name().clone(), MultiCallError::NoMember),
        ("nowhere".parse().unwrap(), MultiCallError::NoMember),
        (c.name().clone(), MultiCallError::Timeout),
    ];
    assert_eq!(answered.failures, expected);

    let meters = a.groups().multi_call::<Meter>("meters").nodes(["a", "b"]);
    let others = meters.without_local().call(value).await;
    assert_eq!(others.replies, [(b.id().clone(), 2)]);
    assert!(others.failures.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_multi_call_reports_strings_that_are_not_node_names() {
    let net = Net::new();
    let (nodes, _meters) = meters(&net).await;
    let a = &nodes[0];
    let named = ["Not a name", "a", ""];
    let meters = a.groups().multi_call::<Meter>("meters").nodes(named);
    let answered = meters.call(value).await;
    assert_eq!(answered.replies, [(a.id().clone(), 1)]);
    assert!(answered.failures.is_empty());
    assert_eq!(answered.invalid_nodes, ["Not a name", ""]);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_a_multi_call_lists_twice_counts_once() {
    let net = Net::new();
    let (nodes, _meters) = meters(&net).await;
    let [a, _, _, d] = nodes.each_ref();
    let listed = ["d", "a", "No name", "a", "d", "No name"];
    let meters = a.groups().multi_call::<Meter>("meters").nodes(listed);
    let answered = meters.call(value).await;
    assert_eq!(answered.replies, [(a.id().clone(), 1)]);
    assert_eq!(
        answered.failures,
        [(d.name().clone(), MultiCallError::NoMember)]
    );
    assert_eq!(answered.invalid_nodes, ["No name"]);
}

#[tokio::test(start_paused = true)]
async fn gs_28_a_lost_node_fails_and_the_others_reply() {
    let net = Net::new();
    let (nodes, _meters) = meters(&net).await;
    let [a, b, ..] = nodes.each_ref();
    net.cut(a.local_addr(), b.local_addr());
    let meters = a.groups().multi_call::<Meter>("meters").nodes(["a", "b"]);
    let answered = meters.timeout(Duration::from_secs(30)).call(value).await;
    assert_eq!(answered.replies, [(a.id().clone(), 1)]);
    let [(node, MultiCallError::Call(CallError::NoConnection { .. }))] = &answered.failures[..]
    else {
        panic!("{answered:?}");
    };
    assert_eq!(node, b.name());
}

#[ambit::test]
async fn gs_28_late_replies_are_dropped(mut inbox: Inbox<u64>) {
    let net = Net::new();
    let (nodes, _meters) = meters(&net).await;
    let [a, b, ..] = nodes.each_ref();
    let meters = || a.groups().multi_call::<Meter>("meters").nodes(["b"]);
    net.hold(b.local_addr(), a.local_addr());
    let answered = meters().timeout(Duration::from_secs(1)).call(value).await;
    let expected = [(b.name().clone(), MultiCallError::Timeout)];
    assert_eq!(answered.failures, expected);
    net.heal(b.local_addr(), a.local_addr());
    let late = inbox.next_within(Duration::from_secs(60)).await;
    assert!(late.is_none(), "{late:?}");
    let again = meters().call(value).await;
    assert_eq!(again.replies, [(b.id().clone(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn every_member_of_a_group_can_be_called() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut meters = Vec::new();
    for value in 1..=3 {
        let meter = Meter::start(value, false).await.unwrap();
        b.groups().join("meters", &meter).unwrap();
        meters.push(meter);
    }
    until("all meters", || {
        a.groups().members::<Meter>("meters").len() == 3
    })
    .await;
    let first = a.groups().multi_call::<Meter>("meters").call(value).await;
    assert_eq!(first.replies, [(b.id().clone(), 1)]);
    let all = a.groups().multi_call::<Meter>("meters").all_members();
    let values = all.call(value).await.replies.into_iter();
    assert_eq!(
        values.map(|(_, value)| value).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

/// The polls of a call to this many members, which reply one after the other.
async fn polls_of_a_call(members: usize) -> usize {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let process = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    a.groups()
        .join_all("workers", vec![process; members])
        .unwrap();
    let (replies, waiting): (Vec<_>, Vec<_>) = (0..members).map(|_| oneshot::channel()).unzip();
    let (polls, mut waiting) = (Cell::new(0), waiting.into_iter());
    let workers = a.groups().multi_call::<u8>("workers").all_members();
    let answered = workers.call(|_| {
        let mut reply = waiting.next().unwrap();
        let polls = &polls;
        poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            let reply = Pin::new(&mut reply).poll(cx);
            reply.map(|reply| Ok(reply.unwrap()))
        })
    });
    let reply = async {
        for (number, reply) in replies.into_iter().enumerate().rev() {
            reply.send(number).unwrap();
            tokio::task::yield_now().await;
        }
    };
    let (answered, ()) = tokio::join!(answered, reply);
    let numbers = answered.replies.iter().map(|(_, number)| *number);
    assert!(numbers.eq(0..members));
    polls.get()
}

#[tokio::test(start_paused = true)]
async fn a_multi_call_polls_only_the_calls_that_have_a_reply() {
    assert_eq!(polls_of_a_call(50).await, 2 * 50);
    assert_eq!(polls_of_a_call(200).await, 2 * 200);
}
