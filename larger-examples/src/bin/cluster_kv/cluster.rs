//! The processes of the cluster, and the chaos: nodes are killed one at a time, and restarted.

use std::error::Error;
use std::io;
use std::time::Duration;

use ambit_dist::{Cookie, Node, NodeId};
use larger_examples::Other;
use tokio::time::{Instant, sleep, timeout};

use crate::placement::SHARDS;
use crate::replica::{NODES, Replica, name_of};
use crate::shard::{self, Shard};
use crate::store_node::AGAIN;

/// The time limit for each step: a node joins, is lost, or recovers.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between the recovery of a node and the next kill.
const PAUSE: Duration = Duration::from_millis(500);

/// The three processes of the storage nodes. They are killed on drop.
pub(crate) struct Cluster {
    node: Node,
    cookie: Cookie,
    nodes: Vec<Other>,
}

/// The effects of the chaos.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) kills: u64,
    /// The shards that moved to another node.
    pub(crate) moves: u64,
}

impl Cluster {
    /// Starts the nodes, and waits until all shards are available. `node` is the node of this process.
    pub(crate) async fn start(node: Node, cookie: Cookie) -> Result<Self, Box<dyn Error>> {
        let start = |name| Other::start(name, node.local_addr(), &cookie);
        let nodes = NODES.into_iter().map(start).collect::<io::Result<_>>()?;
        let cluster = Self {
            node,
            cookie,
            nodes,
        };
        for name in NODES {
            cluster.replica_of(name).await?;
        }
        cluster.owners().await?;
        Ok(cluster)
    }

    /// Kills and restarts one node after the other, until the time is over. The next kill waits until the last node has
    /// recovered: the store survives the loss of one node at a time.
    pub(crate) async fn chaos(&mut self, until: Instant) -> Result<Faults, Box<dyn Error>> {
        let mut faults = Faults::default();
        for victim in (0..NODES.len()).cycle() {
            sleep(PAUSE).await;
            if Instant::now() >= until {
                break;
            }
            let before = self.owners().await?;
            self.kill(victim).await?;
            let after = self.owners().await?;
            faults.kills += 1;
            let moved = before.iter().zip(&after).filter(|(old, new)| old != new);
            faults.moves += moved.count() as u64;
            self.restart(victim).await?;
        }
        Ok(faults)
    }

    /// Kills a node (`kill -9`), and waits until this node has noticed.
    async fn kill(&mut self, victim: usize) -> Result<(), Box<dyn Error>> {
        let membership = self.node.membership();
        let mut events = membership.events();
        self.nodes[victim].kill().await?;
        // On a busy machine it may have been down before.
        let is_up = || {
            let member = membership.member(NODES[victim]);
            member.is_some_and(|member| member.is_up())
        };
        let lost = async { while is_up() && events.next().await.is_some() {} };
        timeout(PATIENCE, lost).await?;
        Ok(())
    }

    /// Starts a killed node again, and waits until it has recovered.
    async fn restart(&mut self, victim: usize) -> Result<(), Box<dyn Error>> {
        let (name, address) = (NODES[victim], self.node.local_addr());
        self.nodes[victim] = Other::start_with(name, address, &[AGAIN], &self.cookie)?;
        self.replica_of(name).await
    }

    /// Waits for the replica of a node.
    async fn replica_of(&self, node: &str) -> Result<(), Box<dyn Error>> {
        let names = self.node.names();
        let replica = names.lookup::<Replica>(name_of(node)).timeout(PATIENCE);
        replica.await?;
        Ok(())
    }

    /// Waits for all shards, and returns their nodes.
    async fn owners(&self) -> Result<Vec<Option<NodeId>>, Box<dyn Error>> {
        let names = self.node.names();
        let mut owners = Vec::new();
        for name in (0..SHARDS).map(shard::name) {
            names.lookup::<Shard>(&name).timeout(PATIENCE).await?;
            owners.push(names.node_of(name));
        }
        Ok(owners)
    }
}
