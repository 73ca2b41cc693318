//! Nodes across a line that is too narrow for their traffic.

use std::time::Duration;

use tokio::time::Instant;

use crate::fate::Conditions;
use crate::servers::{Log, Sender};
use crate::stage::{PATIENCE, Two, within};

/// The number of pairs, and the size and duration of their messages. Credits alone would permit half a gigabyte in
/// flight.
const PAIRS: usize = 32;
const SIZE: u64 = 64 << 10;
const TIME: Duration = Duration::from_secs(3);
/// The rate in bytes a second.
const RATE: u64 = 4 << 20;

/// The maximum memory of the sender: what QUIC keeps until it is acknowledged, what four lanes queue, and the same
/// again for copies and the program itself.
const MOST_UNDER_WAY: u64 = (8 << 20) + 4 * (1 << 20) + 4 * SIZE;
const MOST_MEMORY: u64 = 32 << 20;

#[ambit::test(real_time)]
async fn a_narrow_line_holds_senders_back_and_their_memory_small() {
    let mut two = Two::connected(PATIENCE, 31).await;
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let far = two.near.node.on("b").start::<Sender>(()).await.unwrap();
        pairs.push((far, Log::start().await.unwrap()));
    }
    let narrow = Conditions {
        rate: RATE,
        ..Conditions::GOOD
    };
    let busy = two.near.log_on("b").await;
    let before = busy.held_here().await.unwrap();
    two.proxy.set(narrow);
    let begin = Instant::now();
    let millis = TIME.as_millis() as u64;
    let floods: Vec<_> = pairs
        .iter()
        .map(|(from, to)| from.flood(to.clone(), SIZE, millis).no_timeout().send())
        .collect();
    // Urgent frames do not wait for messages.
    tokio::time::sleep(TIME / 2).await;
    let ping = within("a pong", two.near.node.ping("b")).await.unwrap();
    let called = Instant::now();
    // Uses the default deadline of a call.
    let call = busy.ask(0).send();
    tokio::time::sleep_until(begin + TIME).await;
    let mut arrived = 0;
    for (_, log) in &pairs {
        arrived += log.seen().await.unwrap().0;
    }
    let answer = within("an answer in its turn", call).await;
    assert_eq!(answer, Ok(0));
    println!("a call took {:.2?}", called.elapsed());
    two.proxy.set(Conditions::GOOD);
    let (mut taken, mut most) = (0, 0);
    for (flood, (_, log)) in floods.into_iter().zip(&pairs) {
        let (sent, held) = within("the end of a flood", flood).await.unwrap().unwrap();
        (taken, most) = (taken + sent, most.max(held));
        // The last messages may still be in flight.
        while log.seen().await.unwrap().0 < sent {
            assert!(begin.elapsed() < Duration::from_secs(60), "all arrives");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(log.seen().await, Ok((sent, sent, true)));
    }
    let under_way = (taken - arrived) * SIZE;
    println!(
        "taken {} KiB, arrived {} KiB, ping {ping:?}, memory {before} to {most}",
        (taken * SIZE) >> 10,
        (arrived * SIZE) >> 10
    );
    assert!(under_way <= MOST_UNDER_WAY, "{under_way} bytes under way");
    let more = most.saturating_sub(before);
    assert!(more <= MOST_MEMORY, "{more} bytes more than before");
    assert!(ping < Duration::from_secs(5), "{ping:?}");
    two.near.nothing_else().await;
    assert_eq!(two.far.process.says_more(), None);
}
