//! Nodes across a lossy network.

use std::time::Duration;

use tokio::time::Instant;

use crate::fate::Conditions;
use crate::servers::{Log, LogSubject, Sender, SenderSubject};
use crate::stage::{PATIENCE, Two, within};

const BAD: Conditions = Conditions {
    delay: Duration::from_millis(2),
    jitter: Duration::from_millis(3),
    lost: 200,
    repeated: 50,
    damaged: 50,
    late: 50,
    rate: 0,
};

/// The number of sending pairs in each direction, and of messages per pair.
const PAIRS: usize = 4;
const MESSAGES: u64 = 500;

#[ambit::test(real_time)]
async fn all_arrives_once_and_in_order_though_a_fifth_of_the_packets_is_lost() {
    let mut two = Two::connected(PATIENCE, 11).await;
    let mut pairs: Vec<(SenderSubject, LogSubject)> = Vec::new();
    for _ in 0..PAIRS {
        pairs.push((Sender::start().await.unwrap(), two.near.log_on("b").await));
        let far = two.near.node.on("b").start::<Sender>(()).await.unwrap();
        pairs.push((far, Log::start().await.unwrap()));
    }
    two.proxy.set(BAD);
    let begin = Instant::now();
    let counts: Vec<_> = pairs
        .iter()
        .map(|(from, to)| from.count(to.clone(), MESSAGES).no_timeout().send())
        .collect();
    for count in counts {
        assert_eq!(within("the end of a count", count).await, Ok(Ok(())));
    }
    let took = begin.elapsed();
    for (_, to) in &pairs {
        assert_eq!(to.seen().no_timeout().await, Ok((MESSAGES, MESSAGES, true)));
    }
    let peer = two.near.node.peer("b").unwrap();
    println!(
        "{} messages in {took:?}; packets that `a` lost: {}",
        pairs.len() as u64 * MESSAGES,
        peer.transport.lost_packets
    );
    assert!(peer.transport.lost_packets > 0, "packets were lost");
    assert_eq!(peer.reconnects, 0);
    two.near.nothing_else().await;
    assert_eq!(two.far.process.says_more(), None);
}
