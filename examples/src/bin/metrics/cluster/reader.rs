//! The reader: the member that reads the log, starts the servers of the clients, and prints the report.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use ambit_dist::{Member, Node, PlacedServers, Placement};

use super::account::ClientAccount;
use super::credentials::{node, unusable};
use crate::Failure;

/// The node of the reader, and the servers that it has started on all members.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    node: Node,
    pub(super) servers: PlacedServers<ClientAccount>,
}

impl Reader {
    /// Starts the node, and waits until the cluster has this many members. More may join at any time.
    pub(crate) async fn start(address: &str, members: NonZeroUsize) -> Result<Self, Failure> {
        let node = node("reader", address)?.start().await;
        let node = node.map_err(|error| unusable(address, error))?;
        node.expose::<ClientAccount>();
        let address = node.local_addr();
        // Standard output is for the report. An error on standard error changes nothing.
        writeln!(io::stderr(), "metrics: members join at {address}").ok();
        let connected = |up: &[Member]| up.iter().filter(|member| member.is_connected()).count();
        let complete = |up: &[Member]| connected(up) >= members.get();
        node.membership().wait_until(complete).await;
        // A client stays on its member while others join.
        let servers = PlacedServers::new(&node, Placement::hash());
        Ok(Self { node, servers })
    }

    /// Ends the cluster; the other members end too.
    pub(crate) async fn leave(&self) {
        self.node.leave().await;
    }
}
