//! One presence in the replicated table.

use std::any::Any;
use std::cell::Cell;
use std::sync::{Arc, OnceLock};

use ambit::message::Wire;
use ambit::process::Pid;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::node::id::NodeId;
use crate::presence::data::{PresenceEntry, PresenceMeta, PresenceRef};
use crate::presence::state::sort;
use crate::replication::shared::Replication;
use crate::user_code;

/// The begin of the body. The process and the metadata follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header<'a> {
    pub(super) topic: &'a str,
    pub(super) key: &'a str,
    pub(super) reference: u64,
    pub(super) previous: Option<u64>,
}

impl Header<'_> {
    /// Returns the body of the entry.
    pub(super) fn body(&self, value: &[u8]) -> Bytes {
        // Strings and numbers can always be serialized into a growing buffer.
        let mut body = postcard::to_allocvec(self).unwrap_or_default();
        body.extend_from_slice(value);
        body.into()
    }
}

/// A visible presence of any node. It does not know the type of its metadata, so the index is compiled once.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) topic: Box<str>,
    pub(super) key: Box<str>,
    origin: NodeId,
    reference: u64,
    previous: Option<u64>,
    value: Bytes,
    /// The process, and the metadata, which has the type of the tracker. Set on first use; `None` if the bytes are
    /// invalid.
    decoded: OnceLock<Option<(Pid, Box<dyn Any + Send + Sync>)>>,
}

impl Stored {
    /// Reads the header of a body. Returns `None` if it is invalid.
    pub(super) fn new(origin: &NodeId, body: &Bytes) -> Option<Self> {
        let (header, rest) = postcard::take_from_bytes::<Header<'_>>(body).ok()?;
        Some(Self {
            topic: header.topic.into(),
            key: header.key.into(),
            origin: origin.clone(),
            reference: header.reference,
            previous: header.previous,
            value: body.slice_ref(rest),
            decoded: OnceLock::new(),
        })
    }

    /// Returns true if it is the state with this reference.
    pub(super) fn is(&self, reference: u64) -> bool {
        self.reference == reference
    }

    fn reference(&self, number: u64) -> PresenceRef {
        PresenceRef {
            node: self.origin.clone(),
            number,
        }
    }
}

thread_local! {
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Decodes metadata. Returns `None` inside a decoding on this thread, which could otherwise recurse without end: the
/// code of the metadata sees only the presences that are decoded already.
fn outside_a_decoding<T>(decode: impl FnOnce() -> T) -> Option<T> {
    if IS_DECODING.replace(true) {
        return None;
    }
    let _ends = Decoding;
    Some(decode())
}

/// Ends the decoding of this thread, after a panic too.
struct Decoding;

impl Drop for Decoding {
    fn drop(&mut self) {
        IS_DECODING.set(false);
    }
}

impl Stored {
    fn decode<M: Wire>(&self, replication: &Replication) -> Option<(Pid, M)> {
        let decoded = user_code::caught("the decoding of a presence", || {
            replication.decode(&self.origin, &self.value, |input| {
                Ok((Pid::take(input)?, M::take(input)?))
            })
        })?;
        if let Err(error) = &decoded {
            tracing::warn!(node = %self.origin, topic = %self.topic, %error, "a presence cannot be read");
        }
        decoded.ok()
    }

    /// Decodes the presence. Runs user code. Returns `None` if this node cannot read the metadata or the decoding
    /// panics.
    pub(super) fn meta<M>(&self, replication: &Replication) -> Option<PresenceMeta<M>>
    where
        M: Wire + Clone + Send + Sync + 'static,
    {
        if self.decoded.get().is_none() {
            // Not inside `get_or_init`, because the decoding may read this presence.
            let decoded = outside_a_decoding(|| self.decode::<M>(replication))?;
            let decoded = decoded.map(|(pid, meta)| (pid, Box::new(meta) as _));
            self.decoded.set(decoded).ok();
        }
        let (pid, meta) = self.decoded.get()?.as_ref()?;
        Some(PresenceMeta {
            meta: meta.downcast_ref::<M>()?.clone(),
            reference: self.reference(self.reference),
            previous: self.previous.map(|number| self.reference(number)),
            pid: *pid,
        })
    }
}

/// Returns the presences that this node can read, sorted. Runs user code.
pub(super) fn list<M>(replication: &Replication, stored: &[Arc<Stored>]) -> Vec<PresenceEntry<M>>
where
    M: Wire + Clone + Send + Sync + 'static,
{
    let entry = |stored: &Arc<Stored>| {
        let metas = vec![stored.meta(replication)?];
        let key = (*stored.key).to_owned();
        Some(PresenceEntry { key, metas })
    };
    let mut entries = stored.iter().filter_map(entry).collect();
    sort(&mut entries);
    entries
}
