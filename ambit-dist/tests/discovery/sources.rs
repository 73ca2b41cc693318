//! What a node does with the sets, errors and ends of its sources. In memory, on the virtual clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ambit_dist::discovery::{Discovery, DiscoveryError, LocalNode, NextCandidates};
use ambit_dist::{Limits, NodeEvent};
use tokio::time::{Instant, sleep};

use super::support::{await_peers, fed, names};
use crate::distribution::support::{Net, down, next};

#[tokio::test(start_paused = true)]
async fn sets_are_followed_while_the_node_runs() {
    let net = Net::new();
    let (b, c) = (net.node("b").await, net.node("c").await);
    let (sets, source) = fed();
    let a = net.builder("a").discover(source).start().await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(names(&a), [""; 0]);
    sets.send(Ok(vec![b.local_addr()])).unwrap();
    await_peers(&a, &["b"]).await;
    sets.send(Ok(vec![c.local_addr()])).unwrap();
    // The connection to a node that is not listed any more stays.
    await_peers(&a, &["b", "c"]).await;
    // It is not dialled again after it has left.
    let mut events = a.events();
    b.leave().await;
    drop(b);
    down(&mut events).await;
    let b = net.node("b").await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(
        (names(&a).as_slice(), b.peers().len()),
        (&["c".to_owned()][..], 0)
    );
    drop(sets);
    sleep(Duration::from_secs(1)).await;
    let status = &a.discovery()[0];
    assert!(status.has_ended);
    assert_eq!(
        (status.source.as_str(), &status.candidates),
        ("a test", &vec![c.local_addr()])
    );
    // The last set of an ended source remains.
    let address = c.local_addr();
    c.leave().await;
    drop(c);
    down(&mut events).await;
    let c = net.node("c").await;
    assert_eq!(c.local_addr(), address);
    assert!(matches!(next(&mut events).await, NodeEvent::Up { node } if node == *c.id()));
}

#[tokio::test(start_paused = true)]
async fn a_vanished_candidate_that_never_answered_is_not_dialled_any_more() {
    let net = Net::new();
    let (sets, source) = fed();
    let a = net.builder("a").discover(source).start().await.unwrap();
    sets.send(Ok(vec![Net::at("b")])).unwrap();
    sleep(Duration::from_secs(30)).await;
    sets.send(Ok(vec![])).unwrap();
    sleep(Duration::from_secs(1)).await;
    let b = net.node("b").await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!((a.peers().len(), b.peers().len()), (0, 0));
    sets.send(Ok(vec![Net::at("b")])).unwrap();
    await_peers(&a, &["b"]).await;
}

#[tokio::test(start_paused = true)]
async fn two_sources_are_united() {
    let net = Net::new();
    let (first, one) = fed();
    let (second, other) = fed();
    let a = net.builder("a").discover(one).discover(other);
    let a = a.start().await.unwrap();
    for sets in [&first, &second] {
        sets.send(Ok(vec![Net::at("b")])).unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    first.send(Ok(vec![])).unwrap();
    sleep(Duration::from_secs(1)).await;
    let _b = net.node("b").await;
    await_peers(&a, &["b"]).await;
    let counts: Vec<usize> = (a.discovery().iter())
        .map(|status| status.candidates.len())
        .collect();
    assert_eq!(counts, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn an_error_keeps_the_last_set_and_is_visible_until_the_source_works_again() {
    let net = Net::new();
    let (sets, source) = fed();
    let a = net.builder("a").discover(source).start().await.unwrap();
    sets.send(Ok(vec![Net::at("b")])).unwrap();
    let error = DiscoveryError::new("the inventory does not answer: check its URL");
    sets.send(Err(error.clone())).unwrap();
    sleep(Duration::from_secs(20)).await;
    let status = a.discovery().remove(0);
    assert_eq!(
        (status.error, status.candidates),
        (Some(error), vec![Net::at("b")])
    );
    let _b = net.node("b").await;
    await_peers(&a, &["b"]).await;
    sets.send(Ok(vec![Net::at("b"), Net::at("c")])).unwrap();
    sleep(Duration::from_secs(1)).await;
    let status = a.discovery().remove(0);
    assert_eq!((status.error, status.candidates.len()), (None, 2));
}

/// Fails at once, always.
struct Failing(Arc<AtomicU32>);

impl Discovery for Failing {
    fn next(&mut self) -> NextCandidates<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Some(Err(DiscoveryError::new("no"))) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_source_is_asked_again_with_a_growing_delay() {
    let net = Net::new();
    let calls = Arc::new(AtomicU32::new(0));
    let failing = Failing(calls.clone());
    let _a = net.builder("a").discover(failing).start().await.unwrap();
    // At 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 and 12.7 s, then every 10 s.
    for (seconds, expected) in [(1, 4), (19, 8), (100, 18)] {
        sleep(Duration::from_secs(seconds)).await;
        assert_eq!(calls.load(Ordering::Relaxed), expected, "{seconds}");
    }
}

/// Panics after its first set.
struct Panicking(bool);

impl Discovery for Panicking {
    fn next(&mut self) -> NextCandidates<'_> {
        assert!(!self.0, "a panic on purpose");
        self.0 = true;
        Box::pin(async { Some(Ok(vec![Net::at("b")])) })
    }

    fn begin(&mut self, node: &LocalNode<'_>) {
        assert_eq!(node.name.as_str(), "a");
        assert_eq!(node.cluster.as_str(), "ambit");
        assert_eq!(
            (node.listening, node.advertised),
            (Net::at("a"), &[Net::at("a")][..])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_has_ended_with_an_error_and_the_node_continues() {
    let net = Net::new();
    let source: Box<dyn Discovery> = Box::new(Panicking(false));
    let a = net.builder("a").discover(source).start().await.unwrap();
    let _b = net.node("b").await;
    await_peers(&a, &["b"]).await;
    let status = a.discovery().remove(0);
    assert!(status.has_ended);
    let error = status.error.unwrap().to_string();
    assert!(error.starts_with("the source panicked"), "{error}");
    assert!(status.source.ends_with("Panicking"), "{}", status.source);
}

#[tokio::test(start_paused = true)]
async fn candidates_beyond_the_limit_are_dialled_when_others_end() {
    let net = Net::new();
    let (b, c) = (net.node("b").await, net.node("c").await);
    let (sets, source) = fed();
    let limits = Limits::default().peers(1);
    let a = net.builder("a").limits(limits).discover(source);
    let a = a.start().await.unwrap();
    sets.send(Ok(vec![c.local_addr(), b.local_addr()])).unwrap();
    await_peers(&a, &["c"]).await;
    sets.send(Ok(vec![b.local_addr()])).unwrap();
    let begin = Instant::now();
    c.leave().await;
    await_peers(&a, &["b"]).await;
    assert!(begin.elapsed() < Duration::from_secs(5));
}
