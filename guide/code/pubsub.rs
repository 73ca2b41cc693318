//! The blocks of the page "Publish and subscribe".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::pubsub::{Lagged, SubscribeOptions, Subscriber, WhenFull};
use ambit::test::{Probe, fill_mailbox};
// ANCHOR_END: imports

// ANCHOR: subscribe
#[ambit::test]
async fn subscribing() {
    let pubsub = PubSub::new();
    let prices = pubsub.topic::<u32>("coffee");
    let (mut ann, mut bob) = (Probe::<u32>::new(), Probe::<u32>::new());
    assert!(prices.subscribe(&ann.recipient()));
    assert!(pubsub.topic("coffee").subscribe(&bob.recipient())); // the same topic

    assert_eq!(prices.broadcast(180), 2);
    assert_eq!(prices.broadcast_from(ann.pid(), 190), 1); // not to Ann, the publisher
    assert_eq!(ann.expect().await, 180);
    assert_eq!(bob.expect().await, 180);
    assert_eq!(bob.expect().await, 190);

    assert_eq!(prices.unsubscribe(bob.pid()), 1);
    drop(ann); // the end of a process ends its subscriptions
    assert!(prices.subscribers().is_empty());
}
// ANCHOR_END: subscribe

// ANCHOR: slow
#[ambit::test]
async fn too_slow() {
    let prices = PubSub::new().topic::<u32>("coffee");
    let (slow, strict) = (Probe::<u32>::new(), Probe::<u32>::new());
    assert!(prices.subscribe(&slow.recipient()));
    let leaves = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
    assert!(prices.subscribe_with(&strict.recipient(), leaves));

    let full = [fill_mailbox(slow.subject()), fill_mailbox(strict.subject())];
    assert_eq!(prices.broadcast(180), 0);
    assert_eq!(prices.broadcast(190), 0);
    assert_eq!(prices.lag(slow.pid()), Some(2)); // it missed two
    assert_eq!(prices.lag(strict.pid()), None); // no longer subscribed
    drop(full);
}
// ANCHOR_END: slow

// ANCHOR: within
#[ambit::test]
async fn a_publisher_that_waits() {
    let prices = PubSub::new().topic::<u32>("coffee");
    let (mut slow, mut quick) = (Probe::<u32>::new(), Probe::<u32>::new());
    assert!(prices.subscribe(&slow.recipient()));
    assert!(prices.subscribe(&quick.recipient()));

    let full = fill_mailbox(slow.subject());
    let (delivered, ()) = tokio::join!(
        prices.broadcast_within(180, Duration::from_secs(5)),
        async {
            assert_eq!(quick.expect().await, 180); // other subscribers are not delayed
            drop(full);
        }
    );
    assert_eq!(delivered, 2);
    assert_eq!(slow.expect().await, 180);
}
// ANCHOR_END: within

// ANCHOR: listen
#[ambit::test]
async fn a_task_listens() -> Result<(), Box<dyn Error>> {
    let prices = PubSub::new().topic::<u32>("coffee");
    let mut latest = prices.listen_with(2); // capacity for two

    for price in [180, 190, 200] {
        prices.broadcast(price);
    }
    assert_eq!(latest.next().await, Some(Err(Lagged(1)))); // one was lost
    assert_eq!(latest.next().await, Some(Ok(190)));
    assert_eq!(latest.next().await, Some(Ok(200)));

    drop(prices); // the last publisher
    assert_eq!(latest.next().await, None);
    Ok(())
}
// ANCHOR_END: listen

// ANCHOR: dispatch
#[ambit::test]
async fn a_dispatcher_selects_subscribers() {
    let orders = PubSub::new().topic_with_metadata::<String, u8>("orders");
    let (mut bar, mut kitchen) = (Probe::<String>::new(), Probe::<String>::new());
    for (probe, floor) in [(&bar, 1), (&kitchen, 2)] {
        let options = SubscribeOptions::new().metadata(floor);
        assert!(orders.subscribe_with(&probe.recipient(), options));
    }

    let upstairs = |to: &[Subscriber<String, u8>], _from: Pid, order: String| {
        let meant = to.iter().filter(|subscriber| *subscriber.metadata() > 1);
        meant.filter(|one| one.send(order.clone())).count()
    };
    assert_eq!(orders.dispatch(Pid::NOBODY, "soup".into(), upstairs), 1);
    assert_eq!(kitchen.expect().await, "soup");

    assert_eq!(orders.broadcast("closing time".into()), 2);
    assert_eq!(bar.expect().await, "closing time");
    assert_eq!(kitchen.expect().await, "closing time");
}
// ANCHOR_END: dispatch
