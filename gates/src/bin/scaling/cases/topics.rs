//! Topics: subscriptions and broadcasts.

use ambit::prelude::*;
use ambit::pubsub::{PubSub, SubscribeOptions, Topic, WhenFull};

use super::{Order, SECOND, ScriptSubject, Tick, end, script, turns};
use crate::case::{Case, case};
use crate::run::Run;

const EACH: &str = "each subscriber gets the message, or is in the answer";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("topics/subscribe many", 500, ["Topic::subscribe", "Topic::subscribe_with"], subscribe),
        case!("topics/subscribe one, often", 1_000, [], subscribe_often),
        case!("topics/subscribe one to many topics", 1_000, ["PubSub::topic", "PubSub::topic_with_metadata", "Topic::name"], many_topics),
        case!("topics/unsubscribe in order", 500, ["Topic::unsubscribe"], |run, n| unsubscribe(run, n, Order::Forward)),
        case!("topics/unsubscribe at random", 500, [], |run, n| unsubscribe(run, n, Order::Random)),
        case!("topics/subscribers end", 500, [], subscribers_end),
        case!("topics/end of a subscriber of many", 1_000, [], end_of_one),
        case!("topics/listen, and stop listening", 1_000, ["Topic::listen", "Topic::listen_with"], listen),
        case!("topics/messages to a listener", 1_000, ["Subscription::next", "Subscription::lag"], listener),
        case!("topics/messages that a listener misses", 1_000, [], lagging),
        case!("topics/lag of each", 500, ["Topic::lag", "Subscriber::lag"], lag),
        case!("topics/broadcast", 500, ["Topic::broadcast", "Topic::broadcast_from", "Topic::dispatch", "Subscriber::send"], broadcast).linear(EACH),
        case!("topics/broadcast within a time", 500, ["Topic::broadcast_within", "Topic::broadcast_from_within"], broadcast_within).linear(EACH),
        case!("topics/subscribers", 500, ["Topic::subscribers", "Subscriber::pid", "Subscriber::metadata"], subscribers).linear(EACH),
    ]
}

async fn scripts(n: usize) -> Vec<ScriptSubject> {
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(script(8).await);
    }
    all
}

async fn subscribed(n: usize) -> (Topic<Tick>, Vec<ScriptSubject>) {
    let (topic, all) = (PubSub::new().topic::<Tick>("news"), scripts(n).await);
    for script in &all {
        assert!(topic.subscribe(&script.recipient()));
    }
    (topic, all)
}

async fn subscribe(mut run: Run, n: usize) {
    let (topic, all) = (PubSub::new().topic::<Tick>("news"), scripts(n).await);
    run.begin().await;
    for (index, script) in all.iter().enumerate() {
        if index % 2 == 0 {
            assert!(topic.subscribe(&script.recipient()));
        } else {
            let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
            assert!(topic.subscribe_with(&script.recipient(), options));
        }
    }
    run.end().await;
}

async fn subscribe_often(mut run: Run, n: usize) {
    let (topic, script) = (PubSub::new().topic::<Tick>("news"), script(8).await);
    run.begin().await;
    for _ in 0..n {
        let _ = topic.subscribe(&script.recipient());
    }
    run.end().await;
}

async fn to_many(script: &ScriptSubject, n: usize) -> Vec<Topic<Tick>> {
    let pubsub = PubSub::new();
    let topic = |index| {
        let topic = pubsub.topic::<Tick>(&format!("topic {index}"));
        assert!(topic.subscribe(&script.recipient()));
        topic
    };
    (0..n).map(topic).collect()
}

async fn many_topics(mut run: Run, n: usize) {
    let script = script(8).await;
    run.begin().await;
    let topics = to_many(&script, n).await;
    for index in Order::Random.of(n) {
        assert!(!topics[index].name().is_empty());
        assert_eq!(topics[index].unsubscribe(script.pid()), 1);
    }
    run.end().await;
    drop(PubSub::new().topic_with_metadata::<Tick, u8>("other"));
}

async fn unsubscribe(mut run: Run, n: usize, order: Order) {
    let (topic, all) = subscribed(n).await;
    run.begin().await;
    for index in order.of(n) {
        assert_eq!(topic.unsubscribe(all[index].pid()), 1);
    }
    run.end().await;
}

async fn subscribers_end(mut run: Run, n: usize) {
    let (topic, all) = subscribed(n).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
    assert!(topic.subscribers().is_empty());
}

async fn end_of_one(mut run: Run, n: usize) {
    let script = script(8).await;
    let topics = to_many(&script, n).await;
    run.begin().await;
    end(&script).await;
    run.end().await;
    drop(topics);
}

async fn listen(mut run: Run, n: usize) {
    let topic = PubSub::new().topic::<Tick>("news");
    run.begin().await;
    let listen = |index| {
        if index % 2 == 0 {
            topic.listen()
        } else {
            topic.listen_with(4)
        }
    };
    let all: Vec<_> = (0..n).map(listen).collect();
    Order::Random.drop(all);
    run.end().await;
}

async fn listener(mut run: Run, n: usize) {
    let topic = PubSub::new().topic::<Tick>("news");
    let mut listening = topic.listen_with(n);
    run.begin().await;
    for _ in 0..n {
        assert_eq!(topic.broadcast(Tick), 1);
    }
    for _ in 0..n {
        assert!(matches!(listening.next().await, Some(Ok(_))));
    }
    run.end().await;
    assert_eq!(listening.lag(), 0);
}

async fn lagging(mut run: Run, n: usize) {
    let topic = PubSub::new().topic::<Tick>("news");
    let mut listening = topic.listen_with(n / 2);
    run.begin().await;
    for _ in 0..n {
        topic.broadcast(Tick);
    }
    run.end().await;
    assert!(listening.next().await.is_some());
}

async fn lag(mut run: Run, n: usize) {
    let (topic, all) = subscribed(n).await;
    run.begin().await;
    for script in &all {
        assert_eq!(topic.lag(script.pid()), Some(0));
    }
    run.end().await;
}

async fn broadcast(mut run: Run, n: usize) {
    let (topic, all) = subscribed(n).await;
    run.begin().await;
    assert_eq!(topic.broadcast(Tick), n);
    assert_eq!(topic.broadcast_from(all[0].pid(), Tick), n - 1);
    let sent = topic.dispatch(Pid::NOBODY, Tick, |subscribers, _, message| {
        let send = |one: &&ambit::pubsub::Subscriber<Tick, ()>| one.send(message.clone());
        subscribers.iter().filter(send).count()
    });
    assert_eq!(sent, n);
    turns(4).await;
    run.end().await;
}

async fn broadcast_within(mut run: Run, n: usize) {
    let (topic, all) = subscribed(n).await;
    run.begin().await;
    assert_eq!(topic.broadcast_within(Tick, SECOND).await, n);
    let others = topic.broadcast_from_within(all[0].pid(), Tick, SECOND);
    assert_eq!(others.await, n - 1);
    run.end().await;
}

async fn subscribers(mut run: Run, n: usize) {
    let (topic, _all) = subscribed(n).await;
    run.begin().await;
    let all = topic.subscribers();
    let named = all.iter().filter(|one| one.pid() != Pid::NOBODY);
    assert_eq!(named.count(), n);
    assert!(all.iter().all(|one| one.lag() == 0));
    run.end().await;
}
