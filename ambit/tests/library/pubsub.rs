//! Topics: recipients of a broadcast, the order, and slow subscribers.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::pubsub::{Lagged, PubSub, SubscribeOptions, Subscriber, Topic, WhenFull};
use ambit::test::{Probe, expect_crash, fill_mailbox, settle};

#[derive(Clone, Debug, PartialEq, Message)]
struct News(u32);

fn news() -> Topic<News> {
    PubSub::new().topic("news")
}

async fn heard(probe: &mut Probe<News>) -> Vec<u32> {
    let mut heard = Vec::new();
    while let Some(InboxEvent::Message(News(n))) = probe.next_within(Duration::ZERO).await {
        heard.push(n);
    }
    heard
}

#[ambit::test]
async fn pub_01_each_subscriber_of_the_topic_gets_it_once() {
    let pubsub = PubSub::new();
    let (topic, other) = (pubsub.topic::<News>("a"), pubsub.topic::<News>("b"));
    let (mut ann, mut bob, mut eve) = (Probe::new(), Probe::new(), Probe::new());
    assert_eq!(
        topic.broadcast(News(0)),
        0,
        "nobody is subscribed, which is no error"
    );
    assert!(topic.subscribe(&ann.recipient()));
    assert!(pubsub.topic("a").subscribe(&bob.recipient()));
    assert!(other.subscribe(&eve.recipient()));
    assert_eq!(topic.broadcast(News(1)), 2);
    assert_eq!(heard(&mut ann).await, [1]);
    assert_eq!(heard(&mut bob).await, [1]);
    assert_eq!(heard(&mut eve).await, [0u32; 0]);
    assert_eq!(PubSub::new().topic::<News>("a").broadcast(News(2)), 0);
    assert_eq!(
        pubsub.topic::<u8>("a").broadcast(3),
        0,
        "another type is another topic"
    );
}

#[ambit::test]
async fn pub_02_a_publisher_can_leave_itself_out() {
    let topic = news();
    let (mut ann, mut bob) = (Probe::new(), Probe::new());
    for probe in [&ann, &bob, &ann] {
        assert!(topic.subscribe(&probe.recipient()));
    }
    let mut task = topic.listen();
    assert_eq!(topic.broadcast_from(ann.pid(), News(1)), 2);
    let time = Duration::from_secs(1);
    let sent = topic.broadcast_from_within(bob.pid(), News(2), time).await;
    assert_eq!(sent, 3);
    assert_eq!(heard(&mut ann).await, [2, 2]);
    assert_eq!(heard(&mut bob).await, [1]);
    assert_eq!(task.next().await, Some(Ok(News(1))));
    assert_eq!(
        topic.broadcast_from(Pid::NOBODY, News(3)),
        4,
        "nobody is left out"
    );
    assert_eq!(heard(&mut ann).await, [3, 3]);
    assert_eq!(heard(&mut bob).await, [3]);
}

#[ambit::test]
async fn pub_04_a_stopped_subscriber_is_unsubscribed() {
    let topic = news();
    let ann = Ticker::start().await.unwrap();
    let mut bob = Probe::<News>::new();
    assert!(topic.subscribe(&ann.recipient()));
    assert!(topic.subscribe(&ann.recipient()));
    assert!(topic.subscribe(&bob.recipient()));
    bob.monitor(&ann);
    ambit::test::crash(&ann).await;
    bob.expect_down().await;
    assert_eq!(topic.lag(ann.pid()), None);
    assert_eq!(topic.subscribers().len(), 1);
    assert_eq!(topic.broadcast(News(1)), 1);
    assert_eq!(heard(&mut bob).await, [1]);
    assert!(
        !topic.subscribe(&ann.recipient()),
        "the dead cannot subscribe"
    );
    assert_eq!(topic.subscribers().len(), 1);
}

#[ambit::test]
async fn pub_05_a_dispatcher_gets_all_entries_with_their_metadata() {
    type Entries = Vec<(Pid, &'static str)>;
    let topic = PubSub::new().topic_with_metadata::<News, &'static str>("news");
    let (mut ann, mut bob) = (Probe::new(), Probe::new());
    for (probe, metadata) in [(&ann, "all"), (&bob, "none"), (&ann, "more")] {
        let options = SubscribeOptions::new().metadata(metadata);
        assert!(topic.subscribe_with(&probe.recipient(), options));
    }
    let dispatcher = |to: &[Subscriber<News, &'static str>], from: Pid, message: News| {
        let entries: Entries = to.iter().map(|own| (own.pid(), *own.metadata())).collect();
        let meant = to.iter().filter(|own| *own.metadata() != "none");
        let sent = meant.filter(|own| own.send(message.clone())).count();
        (entries, from, sent)
    };
    let all = vec![(ann.pid(), "all"), (bob.pid(), "none"), (ann.pid(), "more")];
    let by_nobody = topic.dispatch(Pid::NOBODY, News(1), dispatcher);
    assert_eq!(by_nobody, (all.clone(), Pid::NOBODY, 2));
    let by_ann = topic.dispatch(ann.pid(), News(2), dispatcher);
    assert_eq!(
        by_ann,
        (all, ann.pid(), 2),
        "who is left out is the dispatcher's choice"
    );
    assert_eq!(heard(&mut ann).await, [1, 1, 2, 2]);
    assert_eq!(heard(&mut bob).await, [0u32; 0]);
    assert_eq!(
        topic.broadcast(News(3)),
        3,
        "a plain broadcast reaches them all"
    );
    assert_eq!(heard(&mut ann).await, [3, 3]);
    assert_eq!(heard(&mut bob).await, [3]);
}

#[ambit::test(flavor = "multi_thread")]
async fn pub_09_what_one_publishes_arrives_in_its_order() {
    let topic = PubSub::new().topic::<(usize, u32)>("order");
    let mut reader = Probe::<(usize, u32)>::new();
    assert!(topic.subscribe(&reader.recipient()));
    let publishers: Vec<_> = (0..3)
        .map(|own| {
            let topic = topic.clone();
            tokio::spawn(async move {
                for n in 0..300 {
                    // The order is the same with full and free mailboxes, for waiting and other publishers.
                    let sent = match n % 3 {
                        0 => {
                            topic
                                .broadcast_within((own, n), Duration::from_secs(5))
                                .await
                        }
                        _ => topic.broadcast((own, n)),
                    };
                    assert_eq!(sent, 1);
                }
            })
        })
        .collect();
    let mut next = [0; 3];
    for _ in 0..900 {
        let (own, n) = reader.expect().await;
        assert_eq!(n, next[own]);
        next[own] += 1;
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
}

#[ambit::test]
async fn pub_09_the_order_holds_while_the_mailbox_is_full() {
    let topic = news();
    let mut reader = Probe::new();
    assert!(topic.subscribe(&reader.recipient()));
    let full = fill_mailbox(reader.subject());
    let publishing = topic.clone();
    let published = tokio::spawn(async move {
        let time = Duration::from_secs(5);
        for n in 0..50 {
            assert_eq!(publishing.broadcast_within(News(n), time).await, 1);
        }
    });
    settle().await;
    drop(full);
    published.await.unwrap();
    assert_eq!(heard(&mut reader).await, (0..50).collect::<Vec<_>>());
    assert_eq!(topic.lag(reader.pid()), Some(0));
}

#[ambit::test]
async fn each_subscription_counts_and_one_unsubscribe_clears_them_all() {
    let topic = news();
    let mut ann = Probe::new();
    for _ in 0..3 {
        assert!(topic.subscribe(&ann.recipient()));
    }
    assert_eq!(topic.broadcast(News(1)), 3);
    assert_eq!(heard(&mut ann).await, [1, 1, 1]);
    assert_eq!(topic.unsubscribe(ann.pid()), 3);
    assert_eq!(topic.unsubscribe(ann.pid()), 0);
    assert_eq!(topic.broadcast(News(2)), 0);
    assert!(topic.subscribe(&ann.recipient()));
    assert_eq!(topic.broadcast(News(3)), 1, "it can come back");
    assert_eq!(heard(&mut ann).await, [3]);
}

#[ambit::test]
async fn a_slow_subscriber_lags_and_the_number_is_known() {
    let topic = news();
    let (mut slow, mut quick) = (Probe::new(), Probe::new());
    assert!(topic.subscribe(&slow.recipient()));
    assert!(topic.subscribe(&quick.recipient()));
    let full = fill_mailbox(slow.subject());
    for n in 0..3 {
        assert_eq!(topic.broadcast(News(n)), 1);
    }
    drop(full);
    assert_eq!(topic.broadcast(News(3)), 2);
    assert_eq!(topic.lag(slow.pid()), Some(3));
    assert_eq!(topic.lag(quick.pid()), Some(0));
    let lags: Vec<u64> = topic.subscribers().iter().map(Subscriber::lag).collect();
    assert_eq!(lags, [3, 0]);
    assert_eq!(heard(&mut slow).await, [3]);
    assert_eq!(heard(&mut quick).await, [0, 1, 2, 3]);
}

#[ambit::test]
async fn a_slow_subscriber_can_be_unsubscribed() {
    let topic = news();
    let (mut slow, mut quick) = (Probe::new(), Probe::new());
    let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
    assert!(topic.subscribe_with(&slow.recipient(), options));
    assert!(topic.subscribe(&quick.recipient()));
    assert_eq!(topic.broadcast(News(0)), 2);
    let full = fill_mailbox(slow.subject());
    assert_eq!(topic.broadcast(News(1)), 1);
    assert_eq!(topic.lag(slow.pid()), None, "it is gone");
    drop(full);
    assert_eq!(topic.broadcast(News(2)), 1);
    assert_eq!(heard(&mut slow).await, [0]);
    assert_eq!(heard(&mut quick).await, [0, 1, 2]);
}

#[ambit::test]
async fn a_publisher_that_waits_loses_nothing_until_its_time_is_up() {
    let topic = news();
    let (mut slow, mut quick) = (Probe::new(), Probe::new());
    assert!(topic.subscribe(&slow.recipient()));
    assert!(topic.subscribe(&quick.recipient()));
    let full = fill_mailbox(slow.subject());
    let publishing = topic.clone();
    let time = Duration::from_secs(2);
    let waits = tokio::spawn(async move { publishing.broadcast_within(News(1), time).await });
    settle().await;
    assert_eq!(heard(&mut quick).await, [1], "nobody is held up");
    assert!(!waits.is_finished());
    assert_eq!(waits.await.unwrap(), 1);
    assert_eq!(topic.lag(slow.pid()), Some(1), "two seconds are over");
    drop(full);
    assert_eq!(topic.broadcast_within(News(2), time).await, 2);
    assert_eq!(heard(&mut slow).await, [2]);
    assert_eq!(heard(&mut quick).await, [2]);
    assert_eq!(topic.lag(slow.pid()), Some(1));
}

#[ambit::test]
async fn a_failed_wait_unsubscribes_the_subscriber_if_so_configured() {
    let topic = news();
    let slow = Probe::new();
    let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
    assert!(topic.subscribe_with(&slow.recipient(), options));
    let full = fill_mailbox(slow.subject());
    let time = Duration::from_secs(1);
    assert_eq!(topic.broadcast_within(News(1), time).await, 0);
    assert!(topic.subscribers().is_empty());
    drop(full);
}

/// A server that drops its oldest messages.
struct Ticker {
    seen: Vec<u32>,
}

#[gen_server(mailbox = 2, overflow = drop_oldest)]
impl Ticker {
    #[init]
    fn new() -> Self {
        Self { seen: Vec::new() }
    }
    #[info]
    fn on_news(&mut self, News(n): News) {
        self.seen.push(n);
    }
    #[call]
    fn seen(&self) -> Vec<u32> {
        self.seen.clone()
    }
}

#[ambit::test]
async fn a_mailbox_that_drops_the_oldest_never_lags() {
    let topic = news();
    let ticker = Ticker::start().await.unwrap();
    assert!(topic.subscribe(&ticker.recipient()));
    ambit::sys::suspend(&ticker).await.unwrap();
    ambit::test::expect_dead_letters(3);
    for n in 0..5 {
        assert_eq!(topic.broadcast(News(n)), 1);
    }
    assert_eq!(topic.lag(ticker.pid()), Some(0));
    ambit::sys::resume(&ticker).await.unwrap();
    assert_eq!(ticker.seen().await.unwrap(), [3, 4]);
}

#[ambit::test]
async fn a_name_subscribes_the_process_that_holds_it() {
    let topic = news();
    let old = Ticker::start().name("ticker").await.unwrap();
    assert!(topic.subscribe(&TickerSubject::named("ticker").recipient()));
    ambit::unregister("ticker").unwrap();
    let new = Ticker::start().name("ticker").await.unwrap();
    assert_eq!(topic.broadcast(News(1)), 1);
    assert_eq!(old.seen().await.unwrap(), [1]);
    assert_eq!(new.seen().await.unwrap(), [0u32; 0]);
    assert!(!topic.subscribe(&TickerSubject::named("nobody").recipient()));
}

#[ambit::test]
async fn a_task_that_is_no_process_can_listen() {
    let topic = news();
    let mut first = topic.listen();
    assert_eq!(topic.subscribers()[0].pid(), Pid::NOBODY);
    let waiting = tokio::spawn(async move {
        let next = first.next().await;
        (next, first)
    });
    settle().await;
    assert_eq!(topic.broadcast(News(1)), 1);
    let (next, first) = waiting.await.unwrap();
    assert_eq!(next, Some(Ok(News(1))));
    assert_eq!(
        topic.unsubscribe(Pid::NOBODY),
        0,
        "only its drop unsubscribes it"
    );
    assert_eq!(
        topic
            .broadcast_within(News(2), Duration::from_secs(1))
            .await,
        1
    );
    drop(first);
    assert_eq!(topic.broadcast(News(3)), 0);
    assert!(topic.subscribers().is_empty());
}

#[ambit::test]
async fn a_lagging_listener_receives_the_number_of_lost_messages() {
    let topic = news();
    let mut listener = topic.listen_with(2);
    for n in 0..5 {
        assert_eq!(topic.broadcast(News(n)), 1, "the newest is always kept");
    }
    assert_eq!(topic.subscribers()[0].lag(), 3);
    assert_eq!(listener.next().await, Some(Err(Lagged(3))));
    assert_eq!(listener.next().await, Some(Ok(News(3))));
    topic.broadcast(News(5));
    topic.broadcast(News(6));
    assert_eq!(listener.next().await, Some(Err(Lagged(1))));
    assert_eq!(listener.next().await, Some(Ok(News(5))));
    assert_eq!(listener.next().await, Some(Ok(News(6))));
    assert_eq!(listener.lag(), 4);
    let text = "3 messages were lost, because they were read too slowly: raise the capacity of the subscription";
    assert_eq!(Lagged(3).to_string(), text);
}

#[ambit::test]
async fn a_listener_ends_with_the_last_handle() {
    let topic = news();
    let mut listener = topic.listen();
    topic.broadcast(News(1));
    let waiting = tokio::spawn(async move {
        let first = listener.next().await;
        (first, listener.next().await)
    });
    settle().await;
    assert!(!waiting.is_finished());
    drop(topic);
    assert_eq!(waiting.await.unwrap(), (Some(Ok(News(1))), None));
}

/// The drop of a message is user code: here it publishes another one.
#[ambit::test]
async fn a_message_that_publishes_when_it_is_dropped_finds_no_lock() {
    struct Last(Topic<u8>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.broadcast(7);
        }
    }
    let pubsub = PubSub::new();
    let (bells, rings) = (
        pubsub.topic::<Arc<Last>>("bells"),
        pubsub.topic::<u8>("rings"),
    );
    let mut heard = rings.listen();
    let listener = bells.listen_with(1);
    bells.broadcast(Arc::new(Last(rings.clone())));
    bells.broadcast(Arc::new(Last(rings.clone())));
    assert_eq!(heard.next().await, Some(Ok(7)), "pushed out");
    drop(listener);
    assert_eq!(heard.next().await, Some(Ok(7)), "left over");
    let slow = Probe::<Arc<Last>>::new();
    let full = fill_mailbox(slow.subject());
    assert!(bells.subscribe(&slow.recipient()));
    bells.broadcast(Arc::new(Last(rings)));
    assert_eq!(heard.next().await, Some(Ok(7)), "found no room");
    drop(full);
}

/// Panics when it is dropped.
struct Sharp;

impl Drop for Sharp {
    fn drop(&mut self) {
        panic!("a sharp edge");
    }
}

#[ambit::test]
async fn several_metadata_whose_drops_panic_do_not_interrupt_the_end_of_a_subscriber() {
    let topic = PubSub::new().topic_with_metadata::<u8, Sharp>("news");
    let reader = ambit::spawn(|_: Inbox<u8>| pending::<()>());
    let subscribe = || {
        for _ in 0..3 {
            let options = SubscribeOptions::new().metadata(Sharp);
            assert!(topic.subscribe_with(&reader.recipient(), options));
        }
    };
    subscribe();
    assert_eq!(topic.unsubscribe(reader.pid()), 3);
    subscribe();
    let row = topic.subscribers();
    expect_crash(&reader);
    ambit::exit(&reader, ExitReason::Kill);
    assert_eq!(reader.closed().await, ExitReason::Killed);
    assert!(topic.subscribers().is_empty());
    drop(row);
}

#[ambit::test]
async fn several_messages_whose_drops_panic_do_not_interrupt_the_end_of_a_listener() {
    let topic = PubSub::new().topic::<Arc<Sharp>>("news");
    let listener = topic.listen();
    for _ in 0..3 {
        assert_eq!(topic.broadcast(Arc::new(Sharp)), 1);
    }
    drop(listener);
}

#[ambit::test(flavor = "multi_thread")]
async fn a_subscription_and_an_exit_at_once_leave_nothing_behind() {
    let topic = PubSub::new().topic::<u8>("race");
    for round in 0..500 {
        let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            inbox.recv().await;
        });
        let (subscribing, recipient) = (topic.clone(), process.recipient());
        let subscribed = tokio::spawn(async move { subscribing.subscribe(&recipient) });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&process, ExitReason::Shutdown);
        process.closed().await;
        subscribed.await.unwrap();
        assert!(topic.subscribers().is_empty(), "round {round}");
    }
}

#[ambit::test]
async fn a_subscription_keeps_its_topic() {
    let pubsub = PubSub::new();
    let mut probe = Probe::new();
    let mut task = pubsub.topic::<News>("news").listen();
    assert!(pubsub.topic::<News>("news").subscribe(&probe.recipient()));
    assert_eq!(pubsub.topic::<News>("news").broadcast(News(1)), 2);
    assert_eq!(heard(&mut probe).await, [1]);
    assert_eq!(task.next().await, Some(Ok(News(1))));
}

#[ambit::test]
async fn a_lost_message_whose_drop_panics_does_not_interrupt_the_publisher() {
    let topic = PubSub::new().topic::<Arc<Option<Sharp>>>("news");
    let slow = topic.listen_with(1);
    assert_eq!(topic.broadcast(Arc::new(Some(Sharp))), 1);
    let mut quick = topic.listen();
    assert_eq!(topic.broadcast(Arc::default()), 2);
    assert!(matches!(quick.next().await, Some(Ok(_))));
    assert_eq!(slow.lag(), 1);
}

/// A message whose copies panic when they are dropped.
struct SharpCopies {
    is_copy: bool,
}

impl Message for SharpCopies {}

impl Clone for SharpCopies {
    fn clone(&self) -> Self {
        Self { is_copy: true }
    }
}

impl Drop for SharpCopies {
    fn drop(&mut self) {
        assert!(!self.is_copy, "a sharp edge");
    }
}

#[ambit::test]
async fn a_refused_message_whose_drop_panics_does_not_interrupt_the_publisher() {
    let topic = PubSub::new().topic::<SharpCopies>("news");
    let slow = Probe::<SharpCopies>::new();
    let full = fill_mailbox(slow.subject());
    assert!(topic.subscribe(&slow.recipient()));
    let mut quick = topic.listen();
    assert_eq!(topic.broadcast(SharpCopies { is_copy: false }), 1);
    std::mem::forget(quick.next().await);
    assert_eq!(topic.lag(slow.pid()), Some(1));
    drop(full);
}
