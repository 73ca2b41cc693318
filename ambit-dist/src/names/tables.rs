//! The open tables of names of a node.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ambit::distribution::KeyChanges;
use ambit::opaque_arc::OpaqueArc;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::names::conflict::ConflictPolicy;
use crate::names::directory::Directory;
use crate::names::index::NameIndex;
use crate::names::key::NameKey;
use crate::names::own_claims::OwnClaims;
use crate::names::run::{self, CloseEventsOnDrop};
use crate::node::subscribers::Subscribers;
use crate::replication::shared::Replication;

/// The table of `Node::names`.
const NAMES: &str = "names";

/// The open tables.
#[derive(Default)]
pub(crate) struct NameTables {
    /// The table of `Node::names`, which is asked for at each look-up.
    names: OnceLock<OpaqueArc<Directory<String>>>,
    /// The tables of the registries, by name and by the type of their keys.
    registries: Mutex<BTreeMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>,
}

impl NameTables {
    /// Returns the table of `Node::names`, opening it on first use.
    pub(super) fn names(
        &self,
        replication: &Arc<Replication>,
        runtime: &Handle,
    ) -> OpaqueArc<Directory<String>> {
        let names = self
            .names
            .get_or_init(|| OpaqueArc::new(start(replication, runtime, NAMES.to_owned())));
        names.clone()
    }

    /// Returns the table of a registry, opening it on first use.
    pub(super) fn open<K: NameKey>(
        &self,
        replication: &Arc<Replication>,
        runtime: &Handle,
        table: String,
    ) -> Arc<Directory<K>> {
        let mut registries = self.registries.lock();
        let open = registries
            .entry((table.clone(), TypeId::of::<K>()))
            .or_insert_with(|| start::<K>(replication, runtime, table));
        let open = open.clone().downcast::<Directory<K>>();
        open.expect("the key has the type")
    }
}

fn start<K: NameKey>(
    replication: &Arc<Replication>,
    runtime: &Handle,
    table: String,
) -> Arc<Directory<K>> {
    let (changes, changed) = mpsc::unbounded_channel();
    let index = Arc::new(NameIndex::new(changes));
    replication.open(&table, index.clone());
    let directory = Arc::new(Directory::<K> {
        replication: replication.clone(),
        table,
        index,
        own: OwnClaims::default(),
        waiters: KeyChanges::default(),
        policy: Mutex::new(ConflictPolicy::default()),
        subscribers: Arc::new(Subscribers::default()),
    });
    #[cfg(feature = "sim")]
    replication.check(Arc::downgrade(&directory) as _);
    runtime.spawn(run::run(CloseEventsOnDrop::new(&directory), changed));
    directory
}
