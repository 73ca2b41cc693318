//! Typed registries of the cluster.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ambit::prelude::*;
use ambit_dist::{ClusterRegistry, JoinGroupError, NameEvent, RegisterNameError, UpdateValueError};

use super::support::{Counter, all_see, until};
use crate::distribution::support::Net;
use crate::membership::support::cluster;

type Counters = ClusterRegistry<(u32, String), Counter, u64>;

#[tokio::test(start_paused = true)]
async fn values_are_read_everywhere_and_updated_by_their_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (at_a, at_b) = (
        Counters::open(&a, "counters"),
        Counters::open(&b, "counters"),
    );
    let counter = Counter::start(0).await.unwrap();
    let key = (7, "seven".to_owned());
    at_a.register(key.clone(), &counter, 1).await.unwrap();
    assert_eq!(at_b.value(&key), Some(1));
    assert_eq!(at_a.update_value(&key, |value| value + 1), Ok(2));
    until("the new value", || at_b.value(&key) == Some(2)).await;
    assert_eq!(
        at_b.update_value(&key, |value| value + 1),
        Err(UpdateValueError::NotFound)
    );
    assert_eq!(at_b.keys(), std::slice::from_ref(&key));
    assert_eq!(at_b.lookup(&key).unwrap().add(5).await.unwrap(), 5);
    // Another registry, and plain names, have their own keys.
    assert!(Counters::open(&b, "others").lookup(&key).is_none());
    all_see(&[&a, &b], "seven", None).await;
    a.leave().await;
    let late = at_a.update_value(&key, |value| value + 1);
    assert_eq!(late, Err(UpdateValueError::Left));
}

#[tokio::test(start_paused = true)]
async fn a_reserved_key_gets_its_process_and_its_value() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (at_a, at_b) = (
        Counters::open(&a, "counters"),
        Counters::open(&b, "counters"),
    );
    let key = || (1, String::new());
    let reservation = at_a.reserve(key()).await.unwrap();
    let node = a.id().clone();
    let refused = at_b.reserve(key()).await.map(drop);
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    assert_eq!(at_b.value(&key()), None);
    let counter = Counter::start(5).await.unwrap();
    reservation.register(&counter, 9).await.unwrap();
    assert_eq!(at_b.value(&key()), Some(9));
    assert_eq!(at_b.lookup(&key()).unwrap().add(1).await.unwrap(), 6);
    // A reservation that is not used releases the key.
    drop(at_a.reserve((2, String::new())).await.unwrap());
    until("the key is free", || at_b.keys() == [key()]).await;
}

#[tokio::test(start_paused = true)]
async fn a_handle_via_a_key_follows_a_restart_on_another_node() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let open = |node| Counters::open(node, "counters");
    let key = || (1, String::new());
    let first = Counter::start(0).await.unwrap();
    open(&a).register(key(), &first, 0).await.unwrap();
    let follower = open(&c).via(key());
    assert_eq!(follower.add(1).await.unwrap(), 1);
    let mut events = open(&c).events();
    ambit::exit(&first, ExitReason::Kill);
    assert_eq!(
        events.next().await,
        Some(NameEvent::Unregistered { name: key() })
    );
    let second = Counter::start(100).await.unwrap();
    open(&b).register(key(), &second, 0).await.unwrap();
    let node = b.id().clone();
    assert_eq!(
        events.next().await,
        Some(NameEvent::Registered { name: key(), node })
    );
    assert_eq!(follower.add(1).await.unwrap(), 101);
}

#[tokio::test(start_paused = true)]
async fn a_handle_as_a_value_works_on_every_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let [holder, other] = [
        Counter::start(0).await.unwrap(),
        Counter::start(50).await.unwrap(),
    ];
    let open = |node| ClusterRegistry::<u8, Counter, CounterHandle>::open(node, "pairs");
    open(&a).register(1, &holder, other.clone()).await.unwrap();
    let far = open(&b).value(&1).expect("a value");
    assert_eq!(far.add(1).await.unwrap(), 51);
}

type CounterHandle = super::support::CounterSubject;

#[tokio::test(start_paused = true)]
async fn no_concurrent_update_of_a_value_is_lost() {
    let net = Net::new();
    let a = net.builder("a").start().await.unwrap();
    let counters = Counters::open(&a, "counters");
    let counter = Counter::start(0).await.unwrap();
    let key = (7, "seven".to_owned());
    counters.register(key.clone(), &counter, 0).await.unwrap();
    let other = || counters.update_value(&key, |value| value + 10).unwrap();
    // Another update comes between the read and the write of this one, and then no more.
    let once = Cell::new(true);
    let updated = counters.update_value(&key, |value| {
        if once.replace(false) {
            other();
        }
        value + 1
    });
    assert_eq!(updated, Ok(11));
    let tries = Cell::new(0);
    let updated = counters.update_value(&key, |value| {
        tries.set(tries.get() + 1);
        other();
        value + 1
    });
    assert_eq!(updated, Err(UpdateValueError::Conflict));
    assert_eq!((tries.get(), counters.value(&key)), (16, Some(171)));
    // The process ends between the read and the write.
    let updated = counters.update_value(&key, |value| {
        counters.unregister(&key);
        value + 1
    });
    assert_eq!(updated, Err(UpdateValueError::NotFound));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_held_while_its_value_is_updated() {
    let net = Net::new();
    let a = net.builder("a").start().await.unwrap();
    let counters = Counters::open(&a, "counters");
    let counter = Counter::start(0).await.unwrap();
    let key = (7, "seven".to_owned());
    counters.register(key.clone(), &counter, 0).await.unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reads = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(counters.lookup(&key).is_some(), "it is registered");
            }
        });
        for value in 1..20_000 {
            let updated = counters.update_value(&key, |value| value + 1);
            assert_eq!(updated, Ok(value));
        }
        done.store(true, Ordering::Relaxed);
        reads.join().unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn entries_of_other_types_with_the_same_bytes_are_not_visible() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    // A text of two characters has the bytes of two numbers in a list.
    let texts = ClusterRegistry::<String, Counter, String>::open(&a, "r");
    let key = || "k1".to_owned();
    texts.register(key(), &counter, "v1".into()).await.unwrap();

    let same_types = ClusterRegistry::<String, Counter, Arc<str>>::open(&b, "r");
    until("the entry", || same_types.value(&key()).is_some()).await;
    assert_eq!(same_types.value(&key()).as_deref(), Some("v1"));

    // Other values: the key is taken, and its process is found.
    let other_values = ClusterRegistry::<String, Counter, Vec<u8>>::open(&b, "r");
    assert_eq!(other_values.value(&key()), None);
    assert_eq!(other_values.lookup(&key()).unwrap().add(1).await, Ok(1));
    let second = Counter::start(0).await.unwrap();
    let taken = other_values.register(key(), &second, vec![1]).await;
    assert!(matches!(taken, Err(RegisterNameError::Taken { .. })));
    let at_a = ClusterRegistry::<String, Counter, Vec<u8>>::open(&a, "r");
    let updated = at_a.update_value(&key(), Clone::clone);
    assert_eq!(updated, Err(UpdateValueError::NotFound));

    // Other keys: another registry.
    let other_keys = ClusterRegistry::<Vec<u8>, Counter, String>::open(&b, "r");
    let bytes = || b"k1".to_vec();
    assert!(other_keys.keys().is_empty() && other_keys.lookup(&bytes()).is_none());
    let registered = other_keys.register(bytes(), &second, String::new());
    registered.await.unwrap();
    assert_eq!(texts.keys(), [key()]);
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Message)]
#[message(name = "shop.cart_key")]
struct CartKey {
    shop: u64,
    cart: u64,
}

#[tokio::test(start_paused = true)]
async fn keys_with_another_definition_are_another_registry() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let old = ClusterRegistry::<CartKey, Counter>::open(&a, "carts");
    let new = ClusterRegistry::<later::CartKey, Counter>::open(&b, "carts");
    let same = ClusterRegistry::<CartKey, Counter>::open(&b, "carts");
    let key = |shop, cart| CartKey { shop, cart };
    old.register(key(1, 17), &counter, ()).await.unwrap();
    until("the entry", || same.lookup(&key(1, 17)).is_some()).await;
    // The compact forms of these keys are equal.
    let (shop, cart) = (17, 1);
    assert_eq!(new.lookup(&later::CartKey { cart, shop }), None);
    assert!(new.keys().is_empty());
}

mod later {
    #[derive(Clone, Debug, PartialEq, Eq, Hash, ambit::Message)]
    #[message(name = "shop.cart_key")]
    pub(super) struct CartKey {
        pub(super) cart: u64,
        pub(super) shop: u64,
    }

    #[derive(Clone, Debug, PartialEq, ambit::Message)]
    #[message(name = "shop.cart_info", version = 2)]
    pub(super) struct CartInfo {
        pub(super) items: u32,
        pub(super) note: Option<String>,
    }
}

#[derive(Clone, Debug, PartialEq, Message)]
#[message(name = "shop.cart_info")]
struct CartInfo {
    items: u32,
}

#[tokio::test(start_paused = true)]
async fn values_of_another_version_of_their_type_are_read() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let old = ClusterRegistry::<u8, Counter, CartInfo>::open(&a, "r");
    let new = ClusterRegistry::<u8, Counter, later::CartInfo>::open(&b, "r");
    let items = 3;
    old.register(1, &counter, CartInfo { items }).await.unwrap();
    let note = None;
    assert_eq!(new.value(&1), Some(later::CartInfo { items, note }));
    let note = Some("gift".to_owned());
    let second = later::CartInfo { items, note };
    let other = Counter::start(0).await.unwrap();
    new.register(2, &other, second).await.unwrap();
    assert_eq!(old.value(&2), Some(CartInfo { items }));
}

#[tokio::test(start_paused = true)]
async fn entries_beyond_the_limit_of_the_node_are_refused() {
    let net = Net::new();
    let few = ambit_dist::wire::Limits::default().entries(2);
    let node = net.builder("a").limits(few).start().await.unwrap();
    let counters = Counters::open(&node, "counters");
    let counter = Counter::start(0).await.unwrap();
    let key = |number| (number, String::new());
    // The protocol of the processes is an entry too.
    counters.register(key(1), &counter, 0).await.unwrap();
    let refused = counters.register(key(2), &counter, 0).await;
    let Err(RegisterNameError::Limit { text }) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        text.contains("2 replicated entries: remove unused ones"),
        "{text}"
    );
    // The first handle of a protocol needs an entry for its definition.
    let plain = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    let refused = node.names().register("plain", &plain).await;
    assert_eq!(refused, Err(RegisterNameError::Limit { text }));
    let refused = node.groups().join("plain", &plain);
    assert!(matches!(refused, Err(JoinGroupError::Limit { .. })));
    assert!(counters.unregister(&key(1)));
    counters.register(key(2), &counter, 0).await.unwrap();
}
