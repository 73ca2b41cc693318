//! Sessions that a member ends in an unusual way.

use std::time::Duration;

use ambit_dist::{DownReason, NodeEvent};
use tokio::time::Instant;

use crate::distribution::member::Member;
use crate::distribution::support::{Net, down, next, up};

#[tokio::test(start_paused = true)]
async fn a_member_that_ends_its_stream_and_restarts_delays_no_request_to_the_node() {
    let net = Net::new();
    let a = net.node("a").await;
    let mut events = a.events();
    let b = net.0.bind(Net::at("b")).unwrap();
    let mut first = Member::greet(&b, a.local_addr(), "b", 1).await;
    first.confirm().await;
    let earlier = up(&mut events).await;
    let began = Instant::now();
    // The connection stays open, so the session waits for the reason of its end.
    first.send.finish();
    let mut second = Member::greet(&b, a.local_addr(), "b", 2).await;
    assert!(!a.refuse("nobody").await);
    let c = net.node("c").await;
    a.connect(c.local_addr()).await.unwrap();
    second.confirm().await;
    assert_eq!(began.elapsed(), Duration::ZERO, "nothing has waited");
    let next = [
        next(&mut events).await,
        next(&mut events).await,
        next(&mut events).await,
    ];
    let restarted = NodeEvent::Down {
        node: earlier.clone(),
        reason: DownReason::Restarted,
    };
    let of_b: Vec<_> = (next.iter())
        .filter(|event| !matches!(event, NodeEvent::Up { node } if node == c.id()))
        .collect();
    assert_eq!(of_b[0], &restarted);
    assert!(
        matches!(of_b[1], NodeEvent::Up { node } if node.incarnation > earlier.incarnation),
        "{of_b:?}"
    );
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_refused_node_is_out_when_the_request_returns() {
    let net = Net::new();
    let a = net.node("a").await;
    let mut events = a.events();
    let b = net.0.bind(Net::at("b")).unwrap();
    let mut member = Member::greet(&b, a.local_addr(), "b", 1).await;
    member.confirm().await;
    up(&mut events).await;
    let began = Instant::now();
    member.send.finish();
    // The node has read the end of the stream.
    tokio::task::yield_now().await;
    assert!(a.refuse("b").await);
    assert!(a.peers().is_empty());
    assert!(matches!(
        down(&mut events).await,
        DownReason::Refused { .. }
    ));
    assert_eq!(began.elapsed(), Duration::ZERO);
}
