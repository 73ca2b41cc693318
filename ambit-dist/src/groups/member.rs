//! One membership, and its handle.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use ambit::message::{Remote, Wire};
use ambit::server::Subject;
use bytes::Bytes;

use super::key::GroupKey;
use crate::node::id::NodeId;
use crate::replica::change::EntryId;
use crate::replication::shared::Replication;

/// A membership of a process of any node.
pub(super) struct Member {
    pub(super) key: GroupKey,
    pub(super) origin: NodeId,
    pub(super) id: EntryId,
    /// The encoded handle.
    subject: Bytes,
    /// The `Subject` of the protocol, set on first use.
    handle: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Member {
    /// Reads an entry. Returns `None` if it is invalid.
    pub(super) fn of_entry(origin: &NodeId, id: EntryId, body: &Bytes) -> Option<Self> {
        let (key, length) = GroupKey::decode(body)?;
        Some(Self {
            key,
            origin: origin.clone(),
            id,
            subject: body.slice(length..),
            handle: OnceLock::new(),
        })
    }

    /// Sets the handle to a process of this node, so that it is not decoded.
    pub(super) fn set<P: Remote + ?Sized>(&self, subject: &Subject<P>) {
        self.handle.set(Arc::new(subject.clone())).ok();
    }

    /// Returns the handle, or `None` if it cannot be read as one of this protocol. Called without locks, because the
    /// encoding belongs to the user.
    pub(super) fn subject<P: Remote + ?Sized>(
        &self,
        replication: &Replication,
    ) -> Option<Subject<P>> {
        let known = self.handle.get();
        if let Some(known) = known.and_then(|known| known.downcast_ref::<Subject<P>>()) {
            return Some(known.clone());
        }
        let decoded = replication.decode(&self.origin, &self.subject, |input| {
            Subject::<P>::take(input)
        });
        match decoded {
            Ok(subject) => {
                self.set(&subject);
                Some(subject)
            }
            Err(error) => {
                tracing::debug!(group = %self.key.name, node = %self.origin, %error, "the handle of a member cannot be read");
                None
            }
        }
    }
}
