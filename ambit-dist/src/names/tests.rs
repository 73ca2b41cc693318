//! The index of claims, with claims as any member may send them.

mod conflicts;
mod moves;
mod support;

use std::cmp::Reverse;
use std::sync::Arc;

use ambit::error::LookupError;
use ambit::prelude::*;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::names::claim::{self, Claim, ClaimHeader, ClaimId, ClaimState, Rank};
use crate::names::directory::Directory;
use crate::names::index::{IndexChange, NameIndex};
use crate::names::key;
use crate::names::key::Key;
use crate::node::id::{NodeId, id};
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::rt::Rng;
use crate::transport::Memory;
use crate::{ConflictPolicy, NameEvent, Node, RegisterNameError};

fn header(key: &[u8], priority: i32, since: u64) -> ClaimHeader {
    ClaimHeader {
        key: key.into(),
        rank: Rank {
            priority,
            since: Reverse(since),
            moves: 0,
        },
        state: ClaimState::Registered,
        is_verdict: false,
        predecessors: Vec::new(),
    }
}

/// Returns the header of a claim to which the name is moved from the claim `from`.
fn moved(header: &ClaimHeader, from: (&NodeId, EntryId)) -> ClaimHeader {
    let mut moved = header.clone();
    moved.rank = moved.rank.moved();
    moved.predecessors.push(ClaimId::new(from.0, from.1));
    moved
}

fn put(origin: &NodeId, entry: u64, body: Bytes) -> Change {
    Change::Put {
        origin: origin.clone(),
        id: EntryId(entry),
        table: "names".into(),
        body,
        is_new: true,
    }
}

fn removed(origin: &NodeId, entry: u64) -> Change {
    Change::Removed {
        origin: origin.clone(),
        id: EntryId(entry),
        table: "names".into(),
    }
}

fn index() -> (NameIndex, mpsc::UnboundedReceiver<IndexChange>) {
    let (changes, changed) = mpsc::unbounded_channel();
    (NameIndex::new(changes), changed)
}

#[test]
fn a_borrowed_text_is_encoded_as_a_string() {
    for text in ["", "c", "größer", &"x".repeat(300)] {
        assert_eq!(key::text(text), key::bytes(&text.to_owned()), "{text:?}");
    }
}

#[test]
fn a_name_that_changes_often_is_queued_once_until_it_is_handled() {
    let a = id("a", 1);
    let (index, mut changes) = index();
    let write = |times: u64| {
        for time in 0..times {
            index.apply(&put(
                &a,
                1,
                claim::body(&header(b"k", 0, 10), &[time as u8]),
            ));
        }
    };
    write(100);
    index.apply(&put(&a, 2, claim::body(&header(b"other", 0, 10), b"")));
    assert_eq!(changes.len(), 2);
    let Some(IndexChange::Name(key)) = changes.blocking_recv() else {
        panic!("no name");
    };
    index.begin(&key);
    write(1);
    assert_eq!(changes.len(), 2, "a later change is queued again");
}

#[test]
fn a_higher_priority_ranks_first_then_an_older_claim_then_more_moves() {
    let (a, b) = (id("a", 1), id("b", 1));
    let of = |header: &ClaimHeader| claim::body(header, b"");
    let (index, _changes) = index();
    index.apply(&put(&a, 1, of(&header(b"k", 0, 10))));
    index.apply(&put(&b, 1, of(&header(b"k", 0, 5))));
    assert_eq!(index.first(b"k").unwrap().origin, b);
    index.apply(&put(&a, 2, of(&header(b"k", 1, 20))));
    assert_eq!(index.first(b"k").unwrap().id, EntryId(2));
    let moved = moved(&header(b"k", 1, 20), (&a, EntryId(2)));
    index.apply(&put(&b, 2, of(&moved)));
    assert_eq!(index.first(b"k").unwrap().origin, b);
    assert_eq!(index.all(b"k").len(), 4);
}

#[test]
fn a_moved_claim_has_the_higher_priority_and_is_in_no_conflict() {
    let (a, b) = (id("a", 1), id("b", 1));
    let first_header = header(b"k", 2, 10);
    let claim = |origin: &NodeId, header: &ClaimHeader| {
        let body = claim::body(header, b"");
        Claim::read(origin, EntryId(1), &body).unwrap()
    };
    let first = claim(&a, &first_header);
    for (given, expected) in [(1, 2), (2, 2), (3, 3)] {
        let mut header = moved(&first_header, (&a, EntryId(1)));
        header.rank = first_header.rank.moved_with(given);
        assert_eq!(header.rank.priority, expected);
        assert!(header.rank > first_header.rank);
        let moved = claim(&b, &header);
        assert!(moved.overtakes(&first).is_some());
        assert!(first.overtakes(&moved).is_none());
    }
}

#[test]
fn a_claim_is_overtaken_only_by_the_claims_that_descend_from_it() {
    let (a, b) = (id("a", 1), id("b", 1));
    let mut line = vec![(a.clone(), header(b"k", 0, 10))];
    for step in 1..40 {
        let (origin, before) = line.last().unwrap();
        let entry = EntryId(step - 1);
        let read = Claim::read(origin, entry, &claim::body(before, b"")).unwrap();
        let mut header = moved(before, (origin, entry));
        header.predecessors = read.and_predecessors();
        line.push(([&a, &b][step as usize % 2].clone(), header));
    }
    let claims: Vec<_> = (0..).zip(&line).collect();
    let read = |entry, origin: &NodeId, header: &ClaimHeader| {
        Claim::read(origin, EntryId(entry), &claim::body(header, b"")).unwrap()
    };
    for (later, (origin, header)) in &claims {
        assert!(header.predecessors.len() <= 16);
        let claim = read(*later, origin, header);
        for (earlier, (origin, header)) in &claims {
            let other = read(*earlier, origin, header);
            assert_eq!(claim.overtakes(&other).is_some(), later > earlier);
            // The same move to another process. Those of long ago are no longer told apart.
            let beside = read(1_000, origin, header);
            let is_long_ago = *later > earlier + 16;
            assert_eq!(claim.overtakes(&beside).is_some(), is_long_ago);
        }
    }
}

#[test]
fn a_node_can_claim_a_name_only_so_often_and_other_claims_are_not_affected() {
    let (a, b) = (id("a", 1), id("b", 1));
    let of = |key: &[u8], since| claim::body(&header(key, 0, since), b"");
    let claims_of = |index: &NameIndex, node: &NodeId| {
        let all = index.all(b"k").into_iter();
        all.filter(|claim| claim.origin == *node).count()
    };
    for many in [1_024, 4_096] {
        let (index, mut changes) = index();
        for entry in 0..many {
            index.apply(&put(&a, entry, of(b"k", 10 + entry)));
        }
        assert_eq!(claims_of(&index, &a), 256);
        // The task learns of the others once.
        let names = std::iter::from_fn(|| changes.try_recv().ok());
        let others = names.filter(|change| matches!(change, IndexChange::Ignored));
        assert_eq!(others.count(), 1);
        assert_eq!(index.take_ignored(), [(a.clone(), many - 256)].into());
        // Another node, another name, and an entry that is changed.
        index.apply(&put(&b, 1, of(b"k", 5)));
        index.apply(&put(&a, many, of(b"other", 5)));
        index.apply(&put(&a, 3, of(b"k", 1)));
        assert_eq!(index.first(b"k").unwrap().id, EntryId(3));
        assert_eq!((claims_of(&index, &a), claims_of(&index, &b)), (256, 1));
        assert!(index.first(b"other").is_some());
        // An entry that moves to the name leaves its own.
        index.apply(&put(&a, many, of(b"k", 5)));
        assert!(index.first(b"other").is_none());
        assert_eq!(claims_of(&index, &a), 256);
        index.apply(&removed(&a, 3));
        index.apply(&put(&a, many, of(b"k", 5)));
        assert_eq!(claims_of(&index, &a), 256);
    }
}

#[test]
fn equal_claims_are_ranked_by_node() {
    let (a, b) = (id("a", 1), id("b", 1));
    for order in [[&a, &b], [&b, &a]] {
        let (index, _changes) = index();
        for origin in order {
            index.apply(&put(origin, 1, claim::body(&header(b"k", 0, 7), b"")));
        }
        assert_eq!(index.first(b"k").unwrap().origin, a);
    }
}

#[test]
fn x63_an_invalid_claim_is_ignored_and_replaces_an_earlier_one() {
    let a = id("a", 1);
    let (index, _changes) = index();
    index.apply(&put(&a, 1, Bytes::from_static(b"\xff\xff\xff\xff")));
    assert!(index.keys().is_empty());
    index.apply(&put(&a, 1, claim::body(&header(b"k", 0, 7), b"")));
    index.apply(&put(&a, 1, Bytes::new()));
    assert!(index.first(b"k").is_none());
    index.apply(&removed(&a, 1));
}

#[test]
fn an_update_may_change_the_name_of_a_claim() {
    let a = id("a", 1);
    let (index, mut changes) = index();
    index.apply(&put(&a, 1, claim::body(&header(b"one", 0, 7), b"")));
    index.apply(&put(&a, 1, claim::body(&header(b"two", 0, 7), b"")));
    assert!(index.first(b"one").is_none());
    assert_eq!(index.first(b"two").unwrap().payload(), b"");
    let mut reported = Vec::new();
    while let Ok(IndexChange::Name(key)) = changes.try_recv() {
        reported.push(key.to_vec());
    }
    assert!(reported.contains(&b"one".to_vec()), "{reported:?}");
}

/// All nodes see the same holder, in whatever order the claims arrive.
#[test]
fn the_order_of_arrival_does_not_matter() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let claims: Vec<Change> = (0..12)
            .map(|entry| {
                let origin = id(["a", "b", "c"][rng.usize(..3)], 1 + rng.u64(..2));
                let mut header = header(b"k", rng.i32(..2), rng.u64(..4));
                header.rank.moves = rng.u32(..2);
                put(&origin, entry, claim::body(&header, &[]))
            })
            .collect();
        let mut orders = [claims.clone(), claims];
        rng.shuffle(&mut orders[1]);
        let positions = orders.map(|order| {
            let (index, _changes) = index();
            for change in &order {
                index.apply(change);
            }
            let all = index.all(b"k");
            let position = |claim: &Arc<Claim>| (claim.origin.clone(), claim.id);
            all.iter().map(position).collect::<Vec<_>>()
        });
        assert_eq!(positions[0], positions[1], "seed {seed}");
    }
}

/// Looks up names while the definition of their protocol disappears.
struct LookUpOnRemoval {
    directory: Arc<Directory<String>>,
    keys: [Key; 2],
    found: Mutex<Vec<Result<(), LookupError>>>,
}

impl TableIndex for LookUpOnRemoval {
    fn apply(&self, change: &Change) -> Option<Retired> {
        if matches!(change, Change::Removed { .. }) {
            let find = |key: &Key| self.directory.subject::<u8>(key).map(drop);
            self.found.lock().extend(self.keys.each_ref().map(find));
        }
        None
    }
}

async fn pair() -> [Node; 2] {
    let network = Memory::new();
    let start = async |name, host| {
        let transport = network.bind(([10, 0, 0, host], 9_000).into()).unwrap();
        let builder = Node::builder(name).transport(transport);
        builder.seeds(["10.0.0.1:9000"]).start().await.unwrap()
    };
    let nodes = [start("a", 1).await, start("b", 2).await];
    nodes[0].membership().wait_until(|up| up.len() == 2).await;
    nodes
}

#[ambit::test]
async fn a_name_of_a_hidden_node_is_not_found_rather_than_of_another_protocol() {
    let [a, b] = pair().await;
    let process = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    // The claim of `first` comes before the definition of its protocol, and refers to it only later.
    let reservation = b.names().reserve("first").await.unwrap();
    b.names().register("second", &process).await.unwrap();
    reservation.register(&process).await.unwrap();
    let shared = a.shared();
    let directory = shared.names.names(&shared.replication, &shared.runtime);
    let keys = ["first", "second"].map(|name| key::encode(&name.to_owned()).unwrap());
    let look_up = Arc::new(LookUpOnRemoval {
        directory: directory.arc(),
        keys: keys.clone(),
        found: Mutex::default(),
    });
    shared.replication.open("protocols", look_up.clone());
    let [claim, _] = keys
        .each_ref()
        .map(|key| directory.holder(key).expect("acknowledged"));
    b.leave().await;
    a.membership().wait_until(|up| up.len() == 1).await;
    let not_found = Err(LookupError::NotFound);
    assert_eq!(*look_up.found.lock(), [not_found.clone(), not_found]);
    // It was looked up before it disappeared.
    let late = directory.subject_of::<u8>(&claim);
    assert_eq!(late.map(|found| found.is_some()), Ok(false));
}

/// Counts the written claims.
#[derive(Default)]
struct Writes(Mutex<usize>);

impl TableIndex for Writes {
    fn apply(&self, change: &Change) -> Option<Retired> {
        *self.0.lock() += usize::from(matches!(change, Change::Put { .. }));
        None
    }
}

#[ambit::test]
async fn a_process_that_has_ended_takes_a_name_from_no_holder() {
    let transport = Memory::new().bind(([10, 0, 0, 1], 9_000).into()).unwrap();
    let node = Node::builder("a").transport(transport).start().await;
    let node = node.unwrap();
    let names = node.names();
    let idle = || ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    let (holder, ended) = (idle(), idle());
    names.register("c", &holder).await.unwrap();
    ambit::exit(&ended, ExitReason::Shutdown);
    ended.closed().await;
    let writes = Arc::<Writes>::default();
    node.shared().replication.open("names", writes.clone());
    let before = *writes.0.lock();
    let refused = names.re_register("c", &ended).await;
    assert_eq!(refused, Err(RegisterNameError::NoProcess));
    let reserved = names.reserve("d").await.unwrap();
    let refused = reserved.register(&ended).await;
    assert_eq!(refused, Err(RegisterNameError::NoProcess));
    // Only the reservation.
    assert_eq!(*writes.0.lock() - before, 1);
    assert_eq!(names.whereis::<u8>("c"), Some(holder));
    assert_eq!(names.registered(), ["c"]);
}

#[ambit::test]
async fn glob_08_a_veto_that_meets_another_one_is_reported_once() {
    let transport = Memory::new().bind(([10, 0, 0, 1], 9_000).into()).unwrap();
    let node = Node::builder("b").transport(transport).start().await;
    let node = node.unwrap();
    let names = node.names();
    names.set_conflict_policy(ConflictPolicy::NotifyBoth);
    let shared = node.shared();
    let directory = shared.names.names(&shared.replication, &shared.runtime);
    let mut events = names.events();
    let process = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    names.register("c", &process).await.unwrap();

    // Two other nodes hold the name too, and the second one vetoes as well.
    let key = key::encode(&"c".to_owned()).unwrap();
    let of_other = header(&key, 1, 0);
    let body = claim::body(&of_other, b"");
    directory.index.apply(&put(&id("a", 1), 1, body));
    let conflict = NameEvent::Conflict {
        name: "c".to_owned(),
        kept: None,
    };
    while events.next().await.as_ref() != Some(&conflict) {}
    let mut veto = moved(&of_other, (&id("a", 1), EntryId(1)));
    (veto.state, veto.is_verdict) = (ClaimState::Vetoed, true);
    let body = claim::body(&veto, b"");
    directory.index.apply(&put(&id("aa", 1), 1, body));
    names.register("last", &process).await.unwrap();
    let last = NameEvent::Registered {
        name: "last".to_owned(),
        node: node.id().clone(),
    };
    loop {
        let event = events.next().await.expect("the node runs");
        assert_ne!(event, conflict, "a second time");
        if event == last {
            break;
        }
    }
    assert!(
        directory
            .index
            .all(&key)
            .iter()
            .all(|claim| !directory.is_own(claim))
    );
}
