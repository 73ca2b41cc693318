//! Tests of the whole store.

mod acks;
mod cost;
mod digests;
mod full_transfers;
mod groups;
mod hostile;
mod incarnations;
mod limits;
mod model;
mod net;
mod presence;
mod received;
mod transfers;

use std::time::Duration;

use bytes::Bytes;

use crate::node::id::{NodeName, id};
use crate::replica::change::{Change, EntryId};
use crate::replica::frame::{Coverage, Delta, Frame, Op, OpKind, Summary};
use crate::replica::limits::{ReplicaLimits, ReplicaSettings};
use crate::replica::origin::Origin;
use crate::replica::store::{Action, Store};

const NOW: Duration = Duration::ZERO;

fn name(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn origin(name: &str, incarnation: u64, renewal: u32) -> Origin {
    let id = id(name, incarnation);
    Origin { id, renewal }
}

fn store(name: &str) -> Store {
    limited(name, ReplicaLimits::default())
}

fn limited(name: &str, limits: ReplicaLimits) -> Store {
    Store::new(origin(name, 1, 0), patient(), limits, 7)
}

/// Returns the settings of a store whose peers may never acknowledge anything.
fn patient() -> ReplicaSettings {
    ReplicaSettings {
        ack_patience: Duration::MAX,
        ..ReplicaSettings::default()
    }
}

fn body(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// Returns the frames that were sent, with their receivers.
fn sent(store: &mut Store) -> Vec<(String, Frame)> {
    let sent = |action| match action {
        Action::Send { to, bytes } => {
            let frame = Frame::decode(&bytes, &ReplicaLimits::default()).unwrap();
            Some((to.to_string(), frame))
        }
        Action::Close { peer, text, .. } => panic!("{peer} is closed: {text}"),
        Action::Acknowledged { .. } => None,
    };
    store.take_actions().into_iter().filter_map(sent).collect()
}

/// Returns the texts of the sessions that were closed.
fn closed(store: &mut Store) -> Vec<String> {
    let closed = |action| match action {
        Action::Close { peer, text, .. } => Some(format!("{peer}: {text}")),
        Action::Send { .. } | Action::Acknowledged { .. } => None,
    };
    store
        .take_actions()
        .into_iter()
        .filter_map(closed)
        .collect()
}

fn receive(store: &mut Store, from: &str, frame: &Frame) {
    store.received(NOW, &name(from), &frame.encode());
}

/// Returns the changes as text: `+` for a new entry, `=` for another body, `-` for a removal.
fn changes(store: &mut Store) -> Vec<String> {
    store.take_changes().iter().map(describe).collect()
}

fn describe(change: &Change) -> String {
    match change {
        Change::Put {
            origin,
            id,
            table,
            body,
            is_new,
        } => {
            let sign = if *is_new { '+' } else { '=' };
            let body = String::from_utf8_lossy(body);
            format!("{sign}{}.{} {table} {body}", origin.name, id.0)
        }
        Change::Removed { origin, id, table } => format!("-{}.{} {table}", origin.name, id.0),
    }
}

/// Returns the acknowledgement of a node without entries.
fn ack(version: u64) -> Frame {
    Frame::Ack {
        version,
        sender_version: 0,
    }
}

/// Connects a peer that is a member, and discards what that causes.
fn join(store: &mut Store, peer: &str) {
    store.member_up(NOW, origin(peer, 1, 0));
    store.connected(NOW, &id(peer, 1));
    store.take_actions();
    store.take_changes();
}

fn insert(store: &mut Store, table: &str, text: &str) -> EntryId {
    store.insert(table, body(text)).unwrap()
}
