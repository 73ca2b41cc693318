//! A node without others, whose tables of names the tests change.

use std::sync::Arc;

use ambit::prelude::*;

use super::{header, put};
use crate::names::claim;
use crate::names::directory::Directory;
use crate::names::key::{self, Key};
use crate::node::id::id;
use crate::replication::table_index::TableIndex;
use crate::transport::Memory;
use crate::{Events, NameEvent, Node};

pub(super) fn idle() -> Subject<u8> {
    ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>())
}

/// The only node of its cluster.
pub(super) struct Single {
    pub(super) node: Node,
    pub(super) names: Arc<Directory<String>>,
}

impl Single {
    pub(super) async fn start() -> Self {
        let transport = Memory::new().bind(([10, 0, 0, 1], 9_000).into()).unwrap();
        let node = Node::builder("b").transport(transport).start().await;
        let node = node.unwrap();
        let shared = node.shared();
        let names = shared.names.names(&shared.replication, &shared.runtime);
        let names = names.arc();
        Self { node, names }
    }

    /// Returns an open table.
    pub(super) fn directory(&self, table: &str) -> Arc<Directory<String>> {
        let shared = self.node.shared();
        let (replication, runtime) = (&shared.replication, &shared.runtime);
        shared.names.open(replication, runtime, table.to_owned())
    }

    /// Adds a claim of a node `a` that ranks first, and returns its key.
    pub(super) fn claim_by_other(&self, name: &str) -> Key {
        self.claim_in(&self.names, name)
    }

    /// Like `claim_by_other`, in this table.
    pub(super) fn claim_in(&self, directory: &Directory<String>, name: &str) -> Key {
        let key = key::encode(&name.to_owned()).unwrap();
        let body = claim::body(&header(&key, 1, 0), b"");
        directory.index.apply(&put(&id("a", 1), 1, body));
        key
    }

    /// Waits until the task of the names has handled all changes so far.
    pub(super) async fn resolved(&self) {
        let mut events = self.node.names().events();
        let process = idle();
        self.node.names().register("last", &process).await.unwrap();
        self.registered(&mut events, "last").await;
    }

    /// Waits for the event of a registration.
    pub(super) async fn registered(&self, events: &mut Events<NameEvent<String>>, name: &str) {
        let registered = NameEvent::Registered {
            name: name.to_owned(),
            node: self.node.id().clone(),
        };
        while events.next().await.expect("the node runs") != registered {}
    }
}
