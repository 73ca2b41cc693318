//! The task of the names of one table: it wakes waiters, emits events and resolves conflicts after each change.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use crate::names::claim::{Claim, ClaimState};
use crate::names::directory::Directory;
use crate::names::event::NameEvent;
use crate::names::index::IndexChange;
use crate::names::key::Key;
use crate::names::key::{self, NameKey};
use crate::node::id::NodeId;
use crate::replica::change::EntryId;
use crate::user_code;

/// The claims that hold the names, as last announced. Used only for look-ups.
type Announced = HashMap<Key, (NodeId, EntryId)>;

/// Ends all subscriptions of a table at the end of the task, even if its runtime shuts down.
pub(super) struct CloseEventsOnDrop<K: NameKey>(Weak<Directory<K>>);

impl<K: NameKey> CloseEventsOnDrop<K> {
    pub(super) fn new(directory: &Arc<Directory<K>>) -> Self {
        Self(Arc::downgrade(directory))
    }
}

impl<K: NameKey> Drop for CloseEventsOnDrop<K> {
    fn drop(&mut self) {
        if let Some(directory) = self.0.upgrade() {
            directory.subscribers.close();
        }
    }
}

/// Runs until the node ends, or all handles and the node are dropped. A runtime that shuts down may drop this future
/// before the first poll.
pub(super) async fn run<K: NameKey>(
    directory: CloseEventsOnDrop<K>,
    mut changes: mpsc::UnboundedReceiver<IndexChange>,
) {
    let directory = &directory.0;
    let mut announced = Announced::new();
    let Some(replication) = directory.upgrade().map(|open| open.replication.clone()) else {
        return;
    };
    let mut ended = pin!(replication.ended());
    loop {
        let changed = tokio::select! {
            biased;
            changed = changes.recv() => changed,
            () = &mut ended => None,
        };
        let Some(directory) = directory.upgrade() else {
            return;
        };
        let key = match changed {
            Some(IndexChange::Name(key)) => key,
            Some(IndexChange::Ignored) => {
                log_ignored(&directory);
                continue;
            }
            None => return,
        };
        directory.index.begin(&key);
        directory.waiters.notify(&key);
        let claims = directory.index.all(&key);
        // Events are cloned for their subscribers, and dropped.
        user_code::caught("an event of a name", || {
            announce(&directory, &mut announced, &key, claims.first());
        });
        user_code::caught("a conflict of names", || directory.resolve(&key, &claims));
        drop(directory);
        // A storm of changes must not starve the runtime.
        tokio::task::coop::consume_budget().await;
    }
}

fn log_ignored<K: NameKey>(directory: &Directory<K>) {
    let table = &directory.table;
    for (origin, claims) in directory.index.take_ignored() {
        tracing::warn!(table, %origin, claims, "claims of names are ignored: they are invalid, or too many of one name");
    }
}

/// Emits an event if the holder of a name has changed.
fn announce<K: NameKey>(
    directory: &Directory<K>,
    announced: &mut Announced,
    key: &Key,
    first: Option<&Arc<Claim>>,
) {
    let holder = first.filter(|first| first.header.state == ClaimState::Registered);
    let event = match holder {
        Some(holder) => {
            let entry = (holder.origin.clone(), holder.id);
            let earlier = announced.insert(key.clone(), entry.clone());
            if earlier == Some(entry) {
                return;
            }
            let node = holder.origin.clone();
            key::decode(key).map(|name| NameEvent::Registered { name, node })
        }
        None if announced.remove(key).is_none() => return,
        None => key::decode(key).map(|name| NameEvent::Unregistered { name }),
    };
    if let Some(event) = event {
        directory.subscribers.emit(&event);
    }
}
