//! The effect of dropping a value, one test per type. It ends only deliveries to that value; a registration that
//! delivers to the mailbox of a process continues until that process ends or a method ends it. `ambit-dist` tests the
//! types it adds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::group::{Group, GroupEvent};
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::registry::RegistryEvent;
use ambit::server::{Attached, StreamEnd};
use ambit::system::System;
use ambit::test::{Probe, holdings, settle};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

const SECOND: Duration = Duration::from_secs(1);

struct Reader {
    read: Vec<u8>,
}

#[gen_server]
impl Reader {
    #[init]
    fn init() -> Self {
        Self { read: Vec::new() }
    }
    #[call]
    fn attach(&mut self, ctx: &mut Context<Self>, items: mpsc::Receiver<u8>) -> Attached {
        ctx.attach_to_end(ReceiverStream::new(items))
    }
    #[call]
    fn read(&self) -> Vec<u8> {
        self.read.clone()
    }
    #[info]
    fn item(&mut self, item: u8) {
        self.read.push(item);
    }
    #[info]
    fn end(&mut self, _: StreamEnd) {}
}

// Delivered to the value, so dropping it ends the delivery.

#[ambit::test]
async fn a_monitor_ends_with_its_value() {
    let reader = Reader::start().await.unwrap();
    let before = holdings();
    let monitor = reader.monitor();
    assert_eq!(holdings().relations, before.relations + 1);
    drop(monitor);
    assert_eq!(holdings(), before);
    assert!(reader.is_alive());
}

#[ambit::test]
async fn an_owned_process_stops_with_its_value() {
    let owned = Reader::start().owned().await.unwrap();
    let reader = owned.clone();
    drop(owned);
    assert_eq!(reader.closed().await, ExitReason::Normal);
}

#[ambit::test]
async fn a_subscription_that_is_read_from_ends_with_its_value() {
    let topic = PubSub::new().topic::<u8>("numbers");
    let subscription = topic.listen();
    assert_eq!(topic.broadcast(1), 1);
    drop(subscription);
    assert_eq!(topic.broadcast(2), 0);
}

#[ambit::test]
async fn a_listener_of_a_system_ends_with_its_guard() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let guard = System::current().unwrap().on_event(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    Reader::start().await.unwrap().stop().await.unwrap();
    let heard = seen.load(Ordering::Relaxed);
    assert!(heard > 0);
    drop(guard);
    Reader::start().await.unwrap().stop().await.unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), heard);
}

#[ambit::test]
async fn a_lease_a_permit_and_a_lock_are_given_back_with_their_values() {
    let pool = Pool::builder(Reader::child_spec()).size(1).start();
    let pool = pool.await.unwrap();
    drop(pool.checkout().await.unwrap());
    assert_eq!(pool.status().free, 1);

    let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    });
    drop(sink.reserve().await.unwrap());
    assert_eq!(ambit::process_info(&sink).unwrap().queued, 0);

    let registry: Registry<String, Reader> = Registry::unique();
    drop(registry.lock("key").await);
    drop(registry.lock("key").await);
}

#[ambit::test]
async fn a_pending_answer_is_given_up_with_its_value() {
    let reader = Reader::start().await.unwrap();
    ambit::sys::suspend(&reader).await.unwrap();
    let before = holdings();
    drop(reader.read().send());
    assert_eq!(holdings().deadlines, before.deadlines);
}

// Delivered to a mailbox, so dropping the value changes nothing.

#[ambit::test]
async fn a_timer_outlives_its_dropped_handle_until_it_is_cancelled() {
    let mut probe = Probe::<u8>::new();
    drop(ambit::send_after(&probe.recipient(), SECOND, 1));
    let named = ambit::send_after(&probe.recipient(), SECOND, 2);
    assert_eq!(named.clone().cancel(), Some(SECOND));
    tokio::time::sleep(SECOND).await;
    assert_eq!(probe.expect().await, 1);
    probe.refute_within(SECOND).await;
}

#[ambit::test]
async fn a_group_monitor_outlives_its_dropped_handle_until_demonitor() {
    let group: Group<u8> = Group::new();
    let mut probe = Probe::<GroupEvent<u8>>::new();
    drop(group.monitor("numbers", probe.recipient()));
    let (_, named) = group.monitor("numbers", probe.recipient());
    assert!(named.clone().demonitor());
    let member = Probe::<u8>::new();
    group.join("numbers", &member.subject()).unwrap();
    assert!(matches!(probe.expect().await, GroupEvent::Joined(_)));
    probe.refute_within(SECOND).await;
}

#[ambit::test]
async fn an_attached_stream_outlives_its_dropped_handle_until_it_is_detached() {
    let reader = Reader::start().await.unwrap();
    let (items, receiver) = mpsc::channel(1);
    drop(reader.attach(receiver).await.unwrap());
    items.send(1).await.unwrap();
    settle().await;
    assert_eq!(reader.read().await.unwrap(), [1]);
    let (others, receiver) = mpsc::channel::<u8>(1);
    let named = reader.attach(receiver).await.unwrap();
    named.clone().detach();
    others.closed().await;
    assert!(!items.is_closed());
}

#[ambit::test]
async fn a_subscribed_process_stays_so_until_it_is_unsubscribed() {
    let topic = PubSub::new().topic::<u8>("numbers");
    let mut probe = Probe::<u8>::new();
    let recipient = probe.recipient();
    assert!(topic.clone().subscribe(&recipient));
    drop(recipient);
    assert_eq!(topic.broadcast(1), 1);
    assert_eq!(probe.expect().await, 1);
    assert_eq!(topic.unsubscribe(probe.pid()), 1);
    assert_eq!(topic.broadcast(2), 0);
}

#[ambit::test]
async fn a_listener_of_a_registry_stays_so_until_it_is_unsubscribed() {
    let registry: Registry<String, Reader> = Registry::unique();
    let mut probe = Probe::<RegistryEvent<String>>::new();
    registry.clone().subscribe(probe.recipient());
    let reader = Reader::start().await.unwrap();
    registry.register("a", &reader).unwrap();
    let event = RegistryEvent::Registered("a".to_owned(), reader.pid(), ());
    assert_eq!(probe.expect().await, event);
    assert_eq!(registry.unsubscribe(probe.pid()), 1);
    assert_eq!(registry.unsubscribe(probe.pid()), 0);
    registry.register("b", &reader).unwrap();
    probe.refute_within(SECOND).await;
}

#[ambit::test]
async fn a_task_and_a_process_go_on_without_their_handles() {
    let (done, is_done) = oneshot::channel();
    drop(Task::spawn(async move { done.send(()) }));
    is_done.await.unwrap();
    let reader = Reader::start().await.unwrap();
    let pid = reader.pid();
    drop(reader);
    settle().await;
    assert!(ambit::is_alive(pid));
}
