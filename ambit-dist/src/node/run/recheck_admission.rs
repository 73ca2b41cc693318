//! Verifies open connections again: certificates, time and the admit hook may have changed since the handshake.

use std::sync::Arc;

use crate::node::connection_manager::ConnectionId;
use crate::node::id::NodeId;
use crate::node::run::{ConnectionStage, Runner};
use crate::transport::Connection;

/// A connection with a known peer.
struct OpenConnection {
    conn: ConnectionId,
    connection: Arc<dyn Connection>,
    node: NodeId,
    dialled: bool,
}

impl Runner {
    /// Closes the connections with nodes that are no longer admitted.
    pub(super) fn recheck(&mut self) {
        let now = self.now();
        for open in self.open() {
            let admission = (self.shared).admission(&*open.connection, &open.node, open.dialled);
            if let Err(reason) = admission {
                tracing::warn!(node = %self.shared.node_context.id(), peer = %open.node, reason, "a node is no longer admitted");
                self.peers.expel(now, open.conn, &reason);
            }
        }
    }

    fn open(&self) -> Vec<OpenConnection> {
        let table = self.shared.table.lock();
        let open = self.conns.iter().filter_map(|(conn, stage)| {
            let (connection, node, dialled) = match stage {
                // Verified when it has answered.
                ConnectionStage::Dialling(_) | ConnectionStage::Ending => return None,
                ConnectionStage::Offered(connection, ready) => (connection, ready.peer(), false),
                ConnectionStage::Negotiated(negotiated, dialled) => {
                    (&negotiated.connection, negotiated.agreed.peer(), *dialled)
                }
                ConnectionStage::Up(session) => {
                    let node = &session.peer_incarnation().id;
                    let connected = table.get(&node.name)?;
                    if !Arc::ptr_eq(&connected.session, session) {
                        return None;
                    }
                    (&connected.connection, node, connected.dialled)
                }
            };
            Some(OpenConnection {
                conn: *conn,
                connection: connection.clone(),
                node: node.clone(),
                dialled,
            })
        });
        open.collect()
    }
}
