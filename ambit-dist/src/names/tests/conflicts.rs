//! Claims that change while a function of the user decides their conflict.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::support::{Single, idle};
use super::{header, put, removed};
use crate::names::claim::{self, Claim, ClaimHeader, ClaimId, ClaimState};
use crate::names::key;
use crate::names::reservation::Reservation;
use crate::names::reserve::ReserveName;
use crate::node::id::id;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::transport::BoxFuture;
use crate::{ClusterRegistry, ConflictChoice, ConflictPolicy, NameEvent, RegisterNameError};

/// Returns a policy that calls `act` and then chooses, and a receiver that is notified after that.
fn acting(
    choice: ConflictChoice,
    act: impl Fn() + Send + Sync + 'static,
) -> (ConflictPolicy<String>, mpsc::UnboundedReceiver<()>) {
    let (chosen, was_chosen) = mpsc::unbounded_channel();
    let policy = ConflictPolicy::choose(move |_| {
        act();
        chosen.send(()).unwrap();
        choice
    });
    (policy, was_chosen)
}

#[ambit::test]
async fn a_reservation_that_gets_its_process_during_the_decision_keeps_it() {
    let single = Single::start().await;
    let (names, process) = (single.node.names(), idle());
    let reservation = names.reserve("c").await.unwrap();
    let subject = process.clone();
    let registration: BoxFuture<'static, _> =
        Box::pin(async move { reservation.register(&subject).await });
    let registration = Arc::new(Mutex::new(registration));
    let polled = registration.clone();
    let (policy, mut was_chosen) = acting(ConflictChoice::Second, move || {
        // The first poll writes the process.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(polled.lock().as_mut().poll(&mut cx).is_pending());
    });
    names.set_conflict_policy(policy);
    single.claim_by_other("c");
    was_chosen.recv().await.unwrap();
    single.resolved().await;
    let registered = std::future::poll_fn(|cx| registration.lock().as_mut().poll(cx));
    assert_eq!(registered.await, Ok(()));
    assert_eq!(names.whereis::<u8>("c"), Some(process));
}

#[ambit::test]
async fn a_process_that_holds_the_name_alone_after_the_decision_keeps_it_with_its_new_value() {
    for choice in [
        ConflictChoice::First,
        ConflictChoice::Second,
        ConflictChoice::Neither,
    ] {
        let single = Single::start().await;
        let registry = ClusterRegistry::<String, u8, u32>::open(&single.node, "r");
        let process = idle();
        let registration = registry.register("c".to_owned(), &process, 1);
        registration.await.unwrap();
        let directory = single.directory(&key::table::<String>("r"));
        let index = directory.index.clone();
        let updating = registry.clone();
        let (policy, mut was_chosen) = acting(choice, move || {
            index.apply(&removed(&id("a", 1), 1));
            let updated = updating.update_value(&"c".to_owned(), |value| value + 1);
            assert_eq!(updated, Ok(2));
        });
        registry.set_conflict_policy(policy);
        single.claim_in(&directory, "c");
        was_chosen.recv().await.unwrap();
        let last = registry.register("last".to_owned(), &process, 0);
        let mut events = registry.events();
        last.await.unwrap();
        single.registered(&mut events, "last").await;
        assert_eq!(registry.value(&"c".to_owned()), Some(2), "{choice:?}");
    }
}

#[ambit::test]
async fn a_claim_that_a_verdict_makes_too_long_is_withdrawn_with_an_event() {
    for choice in [ConflictChoice::Second, ConflictChoice::Neither] {
        let single = Single::start().await;
        let registry = ClusterRegistry::<String, u8, Vec<u8>>::open(&single.node, "r");
        let process = idle();
        // The longest value that fits.
        let mut length = 64 << 10;
        let value = |length| vec![0; length];
        while registry
            .register("c".to_owned(), &process, value(length))
            .await
            .is_err()
        {
            length -= 1;
        }
        let directory = single.directory(&key::table::<String>("r"));
        let (policy, _chosen) = acting(choice, || {});
        registry.set_conflict_policy(policy);
        let mut events = registry.events();
        let key = key::encode(&"c".to_owned()).unwrap();
        // A verdict refers to these as well.
        let earlier = ClaimId::new(&id("a-node-that-had-the-name", 1), EntryId(1));
        let header = ClaimHeader {
            predecessors: vec![earlier; 4],
            ..header(&key, 1, 0)
        };
        let body = claim::body(&header, b"");
        directory.index.apply(&put(&id("a", 1), 1, body));
        let kept = loop {
            if let Some(NameEvent::Conflict { kept, .. }) = events.next().await {
                break kept;
            }
        };
        // A veto has no value, so it fits.
        let kept_first = choice == ConflictChoice::Second;
        assert_eq!(kept, kept_first.then(|| id("a", 1)), "{choice:?}");
        if kept_first {
            assert_eq!(directory.index.all(&key).len(), 1);
        }
    }
}

#[ambit::test]
async fn a_vetoed_reservation_gets_no_process_and_the_veto_lasts_as_long_as_the_conflict() {
    let single = Single::start().await;
    let (names, process) = (single.node.names(), idle());
    names.set_conflict_policy(ConflictPolicy::NotifyBoth);
    let mut events = names.events();
    let reservation = names.reserve("c").await.unwrap();
    let key = single.claim_by_other("c");
    while !matches!(events.next().await, Some(NameEvent::Conflict { .. })) {}
    let refused = reservation.register(&process).await;
    let node = id("a", 1);
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    let first = single.names.index.first(&key).unwrap();
    assert_eq!(first.header.state, ClaimState::Vetoed);
    single.names.index.apply(&removed(&id("a", 1), 1));
    single.resolved().await;
    assert!(single.names.index.first(&key).is_none());
    assert_eq!(names.register("c", &process).await, Ok(()));
}

/// Drops a reservation in another thread while its veto is written.
#[derive(Default)]
struct DropDuringVeto {
    reservation: Mutex<Option<Reservation<String>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the veto is written without waiting, so only another thread can drop meanwhile"
)]
impl TableIndex for DropDuringVeto {
    fn apply(&self, change: &Change) -> Option<Retired> {
        let Change::Put {
            origin, id, body, ..
        } = change
        else {
            return None;
        };
        let claim = Claim::read(origin, *id, body)?;
        if claim.header.state == ClaimState::Vetoed
            && let Some(reservation) = self.reservation.lock().take()
        {
            *self.thread.lock() = Some(thread::spawn(move || drop(reservation)));
            // The names have not seen the veto. The thread looks at them now, or waits for the lock.
            thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

#[ambit::test]
async fn a_reservation_that_is_dropped_while_it_is_vetoed_keeps_the_veto() {
    let single = Single::start().await;
    let dropping = Arc::<DropDuringVeto>::default();
    // Opened before the names, so that it sees the veto first.
    let shared = single.node.shared();
    let table = key::table::<String>("early");
    shared.replication.open(&table, dropping.clone());
    let names = single.directory(&table);
    names.set_policy(ConflictPolicy::NotifyBoth);
    let mut events = names.subscribers.listen();
    let key = key::encode(&"c".to_owned()).unwrap();
    let reservation = ReserveName::new(names.clone(), &"c".to_owned()).await;
    *dropping.reservation.lock() = Some(reservation.unwrap());
    single.claim_in(&names, "c");
    while !matches!(events.next().await, Some(NameEvent::Conflict { .. })) {}
    let thread = dropping.thread.lock().take().expect("the veto is written");
    thread.join().unwrap();
    let first = names.index.first(&key).unwrap();
    assert_eq!(first.header.state, ClaimState::Vetoed);
}
