use super::*;
use crate::node::events::NodeEvent;
use crate::node::id::{Incarnation, NodeId};
use crate::node::subscribers::event_queue::QUEUE;

fn up(incarnation: u64) -> NodeEvent {
    NodeEvent::Up {
        node: NodeId {
            name: "a".parse().unwrap(),
            incarnation: Incarnation(incarnation),
        },
    }
}

#[ambit::test]
async fn a_listener_gets_everything_in_order_and_the_end() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let mut events = subscribers.listen();
    subscribers.emit(&up(1));
    subscribers.emit(&up(2));
    subscribers.close();
    let got = [
        events.next().await,
        events.next().await,
        events.next().await,
    ];
    assert_eq!(got, [Some(up(1)), Some(up(2)), None]);
    assert_eq!(subscribers.listen().next().await, None);
}

struct Watcher;

#[ambit::gen_server]
impl Watcher {
    #[init]
    fn new() -> Self {
        Self
    }

    #[info]
    fn event(&mut self, _: NodeEvent) {}
}

#[ambit::test]
async fn a_subscription_to_a_node_that_has_left_is_over() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    subscribers.close();
    let watcher = Watcher::start().await.unwrap();
    let process: &ambit::server::Subject<Watcher> = watcher.as_ref();
    let tasks = || {
        let runtime = tokio::runtime::Handle::current();
        runtime.metrics().num_alive_tasks()
    };
    let before = tasks();
    let subscription = subscribers.subscribe(&process.recipient());
    assert!(!subscription.cancel());
    let second = std::time::Duration::from_secs(1);
    let ends = async {
        while tasks() > before {
            rt::sleep(second / 1_000).await;
        }
    };
    assert!(rt::timeout(60 * second, ends).await.is_ok());
    assert!(process.is_alive());
}

#[ambit::test]
async fn a_slow_listener_receives_the_number_of_missed_events() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let mut events = subscribers.listen();
    for number in 0..QUEUE as u64 + 3 {
        subscribers.emit(&up(number));
    }
    let missed = NodeEvent::Missed { events: 3 };
    assert_eq!(events.next().await, Some(missed));
    assert_eq!(events.next().await, Some(up(3)));
}

#[ambit::test]
async fn a_process_that_ends_is_subscribed_no_more() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let probe = ambit::test::Probe::<NodeEvent>::new();
    let _subscription = subscribers.subscribe(&probe.recipient());
    drop(probe);
    // The subscription ends without an event.
    ambit::test::settle().await;
    assert!(subscribers.0.lock().subscribers.is_empty());
}

#[ambit::test]
async fn a_process_subscription_stays_active_after_its_handle_is_dropped() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let mut probe = ambit::test::Probe::<NodeEvent>::new();
    drop(subscribers.subscribe(&probe.recipient()));
    subscribers.emit(&up(1));
    assert_eq!(probe.expect().await, up(1));
}

#[ambit::test]
async fn a_dropped_listener_leaves_nothing_behind_without_an_event() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let mut kept = subscribers.listen();
    for _ in 0..10_000 {
        drop(subscribers.listen());
    }
    assert_eq!(subscribers.0.lock().subscribers.len(), 1);
    subscribers.emit(&up(1));
    assert_eq!(kept.next().await, Some(up(1)));
}

#[ambit::test]
async fn a_cancelled_subscription_leaves_nothing_behind() {
    let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
    let probe = ambit::test::Probe::<NodeEvent>::new();
    let subscription = subscribers.subscribe(&probe.recipient());
    assert!(subscription.cancel());
    assert!(!subscription.cancel(), "it has ended");
    subscribers.emit(&up(1));
    assert!(subscribers.0.lock().subscribers.is_empty());
}
