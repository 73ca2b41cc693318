//! Keys whose code panics in the task of a table.

use std::time::Duration;

use ambit_dist::{ClusterRegistry, ConflictPolicy, NameEvent};

use super::support::{Counter, Fragile, apart, cut, heal};
use crate::distribution::support::Net;
use crate::membership::support::cluster;

type Counters = ClusterRegistry<Fragile, Counter>;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_key_whose_code_panics_stops_no_event_of_another_key() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (at_a, at_b) = (
        Counters::open(&a, "counters"),
        Counters::open(&b, "counters"),
    );
    let mut events = at_b.events();
    let counter = Counter::start(0).await.unwrap();
    for key in [Fragile::UNREADABLE, Fragile::UNIQUE, Fragile(1)] {
        at_a.register(key, &counter, ()).await.unwrap();
    }
    let mut next = async || tokio::time::timeout(MINUTE, events.next()).await;
    assert_eq!(next().await, Ok(Some(NameEvent::Missed { events: 1 })));
    let node = a.id().clone();
    let name = Fragile(1);
    let registered = NameEvent::Registered { name, node };
    assert_eq!(next().await, Ok(Some(registered)));
    assert_eq!(at_b.keys().len(), 2);
    assert!(at_b.wait_for(Fragile(1)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_resolved_after_a_key_whose_code_panics() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (at_a, at_b) = (
        Counters::open(&a, "counters"),
        Counters::open(&b, "counters"),
    );
    at_b.set_conflict_policy(ConflictPolicy::NotifySecond);
    let counter = Counter::start(0).await.unwrap();
    at_a.register(Fragile::UNREADABLE, &counter, ())
        .await
        .unwrap();
    cut(&net, &[&a], &[&b]);
    apart(&[&a], &[&b]).await;
    at_a.register(Fragile(1), &counter, ()).await.unwrap();
    at_b.register(Fragile(1), &counter, ()).await.unwrap();
    let mut events = at_b.events();
    heal(&net, &[&a], &[&b]);
    let conflict = NameEvent::Conflict {
        name: Fragile(1),
        kept: Some(a.id().clone()),
    };
    loop {
        let event = tokio::time::timeout(MINUTE, events.next()).await;
        if event.expect("a conflict") == Some(conflict.clone()) {
            return;
        }
    }
}
