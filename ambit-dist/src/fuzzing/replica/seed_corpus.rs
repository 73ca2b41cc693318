//! The seed corpus of the replicated store: what honest nodes send, in order and out of order.

use std::time::Duration;

use bytes::Bytes;

use super::fixture::{FLUSH, FRAME, INSERT, REMOVE, TIMER, origin, store};
use crate::replica::change::EntryId;
use crate::replica::frame::{Coverage, Frame, Summary};
use crate::replica::store::{Action, Store};

/// Returns the scripts with a name for each.
#[must_use]
pub fn replicas() -> Vec<(String, Vec<u8>)> {
    let pushes = pushes();
    let backwards: Vec<_> = pushes.iter().rev().cloned().collect();
    let wrong_sender = frames(2, &pushes);
    let all = [
        ("pushes", frames(1, &pushes)),
        ("pushes-backwards", frames(1, &backwards)),
        ("pushes-of-another", wrong_sender),
        ("full-transfer", frames(1, &answers(0, Some(0)))),
        (
            "full-transfer-without-its-start",
            frames(1, &answers(1, Some(9))),
        ),
        ("own-writes", own_writes()),
        ("relay", relay()),
        ("drift", drift(&pushes)),
        ("every-step", every_step()),
    ];
    all.map(|(name, script)| (name.to_owned(), script)).into()
}

/// Returns a script in which a node sends these frames.
fn frames(node: u8, frames: &[Bytes]) -> Vec<u8> {
    let mut script = Vec::new();
    for frame in frames {
        script.extend([
            FRAME << 2 | node,
            u8::try_from(frame.len()).unwrap_or(u8::MAX),
        ]);
        script.extend(frame);
    }
    script
}

fn sent(store: &mut Store) -> Vec<Bytes> {
    let bytes = |action| match action {
        Action::Send { bytes, .. } => Some(bytes),
        Action::Close { .. } | Action::Acknowledged { .. } => None,
    };
    let actions = store.take_actions();
    actions.into_iter().filter_map(bytes).collect()
}

/// The node `b`, connected to the node under test.
fn other() -> Store {
    let mut other = store(1);
    other.connected(Duration::ZERO, &origin(0, 1).id);
    other
}

fn write(store: &mut Store) {
    for (number, table) in ["names", "rooms", "names"].into_iter().enumerate() {
        let body = Bytes::from(vec![b'x'; 20 * number]);
        store.insert(table, body).expect("it is within the limits");
        store.flush();
    }
    store.remove(EntryId(1));
    let body = Bytes::from_static(b"y");
    store.update(EntryId(2), body).expect("it exists");
    store.flush();
}

fn pushes() -> Vec<Bytes> {
    let mut other = other();
    write(&mut other);
    sent(&mut other)
}

/// Returns the answer to a pull.
fn answers(have: u64, full: Option<u64>) -> Vec<Bytes> {
    let mut other = other();
    write(&mut other);
    sent(&mut other);
    let pull = Frame::Pull {
        origin: origin(1, 1),
        have,
        full,
    };
    let from = origin(0, 1).id.name;
    other.received(Duration::ZERO, &from, &pull.encode());
    sent(&mut other)
}

fn own_writes() -> Vec<u8> {
    let pull = Frame::Pull {
        origin: origin(0, 1),
        have: 1,
        full: None,
    };
    let ack = Frame::Ack {
        version: 5,
        sender_version: 0,
    };
    let mut script = vec![INSERT << 2; 6];
    script.extend([FLUSH << 2, REMOVE << 2 | 1, FLUSH << 2]);
    script.extend(frames(1, &[ack.encode(), pull.encode()]));
    script
}

/// The node `c` answers what it was asked about `d`.
fn relay() -> Vec<u8> {
    let summary = Summary {
        origin: origin(3, 1),
        version: 3,
        hash: 7,
    };
    let nothing = Frame::Nothing {
        origin: origin(3, 1),
        coverage: Coverage::Complete,
    };
    let digest = Frame::Digest(vec![summary]).encode();
    [&[TIMER << 2][..], &frames(2, &[digest, nothing.encode()])].concat()
}

/// The node `b` sends changes, and then a digest with another hash.
fn drift(pushes: &[Bytes]) -> Vec<u8> {
    let summary = Summary {
        origin: origin(1, 1),
        version: 5,
        hash: 7,
    };
    let digest = Frame::Digest(vec![summary]).encode();
    [frames(1, pushes), frames(1, &[digest])].concat()
}

fn every_step() -> Vec<u8> {
    (4..44).chain(4..44).collect()
}
