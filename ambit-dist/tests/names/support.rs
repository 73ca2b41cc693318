//! A server with a name, and waiting for what other nodes see.

use std::time::Duration;

use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
use ambit::prelude::*;
use ambit_dist::{Events, NameEvent, Node, NodeId};

use crate::distribution::support::Net;

pub(crate) struct Counter {
    value: u64,
}

#[gen_server(remote = "names.counter")]
impl Counter {
    #[init]
    pub fn new(value: u64) -> Self {
        Self { value }
    }

    #[call]
    pub fn add(&mut self, amount: u64) -> u64 {
        self.value += amount;
        self.value
    }

    #[cast]
    pub fn note(&mut self, amount: u64) {
        self.value += amount;
    }
}

pub(crate) struct Other;

#[gen_server(remote = "names.other")]
impl Other {
    #[init]
    pub fn new() -> Self {
        Self
    }

    #[call]
    pub fn name(&self) -> String {
        "other".to_owned()
    }
}

/// A value that cannot be decoded, or cannot be cloned, as one of another version of the program.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragile(pub(crate) u32);

impl Fragile {
    pub(crate) const UNREADABLE: Self = Self(1_000);
    pub(crate) const UNIQUE: Self = Self(1_001);
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(*self != Self::UNIQUE, "as the test asks");
        Self(self.0)
    }
}

impl Schema for Fragile {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::U32)
    }
}

impl Wire for Fragile {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.0.put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let value = Self(u32::take(input)?);
        assert!(value != Self::UNREADABLE, "as the test asks");
        Ok(value)
    }
}

/// Waits until a condition is true, up to a minute.
pub(crate) async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if is_true() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("after a minute: {what}");
}

/// Waits until all nodes see this holder of a name.
pub(crate) async fn all_see(nodes: &[&Node], name: &str, holder: Option<&NodeId>) {
    let agrees = |node: &&Node| node.names().node_of(name).as_ref() == holder;
    until(name, || nodes.iter().all(&agrees)).await;
}

/// Waits for an event. Registrations just before the subscription may come first.
pub(crate) async fn reports(events: &mut Events<NameEvent<String>>, expected: &NameEvent<String>) {
    for _ in 0..10 {
        let event = tokio::time::timeout(Duration::from_secs(60), events.next());
        if event.await.expect("an event").as_ref() == Some(expected) {
            return;
        }
    }
    panic!("no {expected:?}");
}

/// Cuts every connection between two groups of nodes.
pub(crate) fn cut(net: &Net, left: &[&Node], right: &[&Node]) {
    for a in left {
        for b in right {
            net.cut(a.local_addr(), b.local_addr());
        }
    }
}

/// Reverts [`cut`].
pub(crate) fn heal(net: &Net, left: &[&Node], right: &[&Node]) {
    for a in left {
        for b in right {
            net.heal(a.local_addr(), b.local_addr());
        }
    }
}

/// Waits until the nodes of each group see all others as down.
pub(crate) async fn apart(left: &[&Node], right: &[&Node]) {
    let misses = |from: &[&Node], to: &[&Node]| {
        from.iter().all(|node| {
            let up = node.membership().up();
            to.iter()
                .all(|other| up.iter().all(|member| member.id() != other.id()))
        })
    };
    until("the groups are apart", || {
        misses(left, right) && misses(right, left)
    })
    .await;
}
