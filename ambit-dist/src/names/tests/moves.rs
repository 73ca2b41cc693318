//! Names that are moved to another process, which loses them before the task has seen the move.

use std::sync::Arc;

use ambit::process::Process;
use bytes::Bytes;
use parking_lot::Mutex;

use super::support::{Single, idle};
use super::{header, index, moved, put, removed};
use crate::names::claim::{self, ClaimHeader};
use crate::names::directory::Directory;
use crate::names::key;
use crate::names::own_claims::OwnClaim;
use crate::node::id::id;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::{NameEvent, RegisterNameError};

fn body(header: &ClaimHeader) -> Bytes {
    claim::body(header, b"")
}

#[ambit::test]
async fn a_name_that_is_moved_and_unregistered_at_once_belongs_to_no_process() {
    let single = Single::start().await;
    let (names, first, second) = (single.node.names(), idle(), idle());
    names.register("c", &first).await.unwrap();
    let unregister = async { names.unregister("c") };
    let (moved, unregistered) = tokio::join!(names.re_register("c", &second), unregister);
    assert!(unregistered);
    assert_eq!(moved, Err(RegisterNameError::Withdrawn));
    assert_eq!(names.whereis::<u8>("c"), None);
    single.resolved().await;
    assert_eq!(names.whereis::<u8>("c"), None);
    assert!(first.is_alive());
}

#[ambit::test]
async fn a_name_that_another_node_moves_and_unregisters_at_once_belongs_to_no_process() {
    for is_verdict in [false, true] {
        let single = Single::start().await;
        let (names, process) = (single.node.names(), idle());
        names.register("c", &process).await.unwrap();
        let mut events = names.events();
        let key = key::encode(&"c".to_owned()).unwrap();
        let index = &single.names.index;
        let first = index.first(&key).unwrap();
        let mut moved = moved(&first.header, (&first.origin, first.id));
        moved.is_verdict = is_verdict;
        index.apply(&put(&id("a", 1), 1, body(&moved)));
        index.apply(&removed(&id("a", 1), 1));
        if is_verdict {
            let conflict = NameEvent::Conflict {
                name: "c".to_owned(),
                kept: Some(id("a", 1)),
            };
            while events.next().await.unwrap() != conflict {}
        }
        single.resolved().await;
        assert_eq!(names.whereis::<u8>("c"), None, "verdict: {is_verdict}");
    }
}

#[ambit::test]
async fn a_name_that_two_nodes_have_moved_apart_is_a_conflict_whatever_the_number_of_moves() {
    let single = Single::start().await;
    let (names, process) = (single.node.names(), idle());
    ambit::test::expect_crash(&process);
    let key = single.claim_by_other("c");
    let index = &single.names.index;
    let first = index.first(&key).unwrap();
    names.re_register("c", &process).await.unwrap();
    let mut events = names.events();
    // Another node has moved it twice.
    let once = moved(&first.header, (&first.origin, first.id));
    let twice = moved(&once, (&id("aa", 1), EntryId(1)));
    index.apply(&put(&id("aa", 1), 2, body(&twice)));
    let conflict = NameEvent::Conflict {
        name: "c".to_owned(),
        kept: Some(id("aa", 1)),
    };
    while events.next().await.unwrap() != conflict {}
    let reason = process.closed().await.to_string();
    assert!(reason.contains("name conflict"), "{reason}");
    assert_eq!(names.node_of("c"), Some(id("aa", 1)));
}

#[test]
fn an_update_of_a_claim_keeps_the_mark_unless_it_ranks_the_claim_higher() {
    let (a, b) = (id("a", 1), id("b", 1));
    let (index, _changes) = index();
    let claimed = header(b"k", 0, 7);
    let moved_to_b = moved(&claimed, (&a, EntryId(1)));
    index.apply(&put(&a, 1, body(&claimed)));
    index.apply(&put(&b, 1, body(&moved_to_b)));
    index.apply(&put(&a, 1, body(&claimed)));
    let is_overtaken = || {
        let claims = index.all(b"k");
        let mut claims = claims.iter().filter(|claim| claim.origin == a);
        claims.any(|claim| claim.id == EntryId(1) && claim.overtaken.get().is_some())
    };
    assert!(is_overtaken());
    index.apply(&removed(&b, 1));
    assert!(is_overtaken());
    let higher = moved(&moved_to_b, (&b, EntryId(1)));
    index.apply(&put(&a, 1, body(&higher)));
    assert!(!is_overtaken());
}

/// Gives a process another name while a claim is written, as another task may.
struct NameMeanwhile(Arc<Directory<String>>, Mutex<Option<OwnClaim>>);

impl TableIndex for NameMeanwhile {
    fn apply(&self, _: &Change) -> Option<Retired> {
        if let Some(claim) = self.1.lock().take() {
            self.0.own.add(EntryId(1_000_000), claim);
        }
        None
    }
}

#[ambit::test]
async fn a_process_that_gets_another_name_meanwhile_costs_no_holder_its_name() {
    let single = Single::start().await;
    let (names, holder, process) = (single.node.names(), idle(), idle());
    names.register("c", &holder).await.unwrap();
    let meanwhile = Arc::new(NameMeanwhile(single.names.clone(), Mutex::default()));
    let shared = single.node.shared();
    shared.replication.open("names", meanwhile.clone());
    *meanwhile.1.lock() = Some(OwnClaim {
        key: key::encode(&"d".to_owned()).unwrap(),
        process: Some(Process::clone(&process)),
        on_exit: None,
        is_held: false,
    });
    let moved = names.re_register("c", &process).only_name().await;
    single.resolved().await;
    let expected = match moved {
        Ok(()) => process,
        Err(RegisterNameError::AlreadyNamed) => holder,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(names.whereis::<u8>("c"), Some(expected));
}

#[ambit::test]
async fn a_name_that_is_about_to_be_claimed_is_another_name() {
    let single = Single::start().await;
    let (own, process) = (&single.names.own, idle());
    let [c, d] = ["c", "d"].map(|name| key::encode(&name.to_owned()).unwrap());
    let announced = own.announce(process.pid(), &c, true).unwrap();
    assert!(own.announce(process.pid(), &d, true).is_none());
    let again = own.announce(process.pid(), &c, true).unwrap();
    own.revoke(&announced);
    assert!(own.announce(process.pid(), &d, true).is_none());
    own.revoke(&again);
    assert!(own.announce(process.pid(), &d, true).is_some());
}
