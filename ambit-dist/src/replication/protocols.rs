//! The protocols of the processes in entries. Each origin defines the ones that it uses as entries of one table, and
//! refers to them by the number of the entry.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ambit::distribution::PeerProtocol;
use bytes::Bytes;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use crate::node::id::NodeId;
use crate::remote_processes::protocol_cache::ProtocolCache;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};

/// The table of protocols.
pub(super) const PROTOCOLS: &str = "protocols";

/// The body of an entry of the table.
#[derive(Serialize, Deserialize)]
pub(super) struct ProtocolDefinition<'a> {
    pub(super) name: &'a str,
    pub(super) fingerprint: u64,
    pub(super) text: &'a str,
}

/// The protocols of all visible origins.
#[derive(Default)]
pub(crate) struct Protocols {
    all: RwLock<BTreeMap<(NodeId, EntryId), Arc<DefinedProtocol>>>,
}

struct DefinedProtocol {
    body: Bytes,
    /// Set on first use. `None` if the body is invalid.
    protocol: OnceLock<Option<Arc<PeerProtocol>>>,
}

impl Protocols {
    /// Returns a protocol that an origin has defined.
    pub(super) fn get(
        &self,
        origin: &NodeId,
        id: EntryId,
        cache: &ProtocolCache,
    ) -> Option<Arc<PeerProtocol>> {
        let defined = self.all.read().get(&(origin.clone(), id))?.clone();
        let protocol = defined.protocol.get_or_init(|| {
            let body: ProtocolDefinition<'_> = postcard::from_bytes(&defined.body).ok()?;
            Some(cache.protocol(body.name, body.fingerprint, body.text))
        });
        protocol.clone()
    }
}

impl TableIndex for Protocols {
    fn apply(&self, change: &Change) -> Option<Retired> {
        match change {
            Change::Put {
                origin, id, body, ..
            } => {
                let defined = Arc::new(DefinedProtocol {
                    body: body.clone(),
                    protocol: OnceLock::new(),
                });
                let earlier = self.all.write().insert((origin.clone(), *id), defined);
                earlier.map(|earlier| earlier as Retired)
            }
            Change::Removed { origin, id, .. } => {
                let removed = self.all.write().remove(&(origin.clone(), *id));
                removed.map(|removed| removed as Retired)
            }
        }
    }
}
