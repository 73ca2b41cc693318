//! The keeper: one server on each storage node. It starts the shards that this node owns and no node has.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{MemberEvent, NameEvent, Node, RegisterNameError};

use crate::placement::{SHARDS, owner};
use crate::replica::MAJORITY;
use crate::shard::{self, Shard};

/// The role of the storage nodes.
pub(crate) const STORE: &str = "store";

/// How often the keeper looks for shards without an event: a reservation that another node gives up is no event.
const PERIOD: Duration = Duration::from_millis(500);

pub(crate) struct Keeper {
    node: Node,
}

/// The time to look for shards.
#[derive(Clone, Message)]
pub(crate) struct Tick;

#[gen_server]
impl Keeper {
    #[init]
    pub(crate) async fn new(ctx: &mut Context<Self>, node: Node) -> Self {
        node.names()
            .subscribe(&ctx.recipient::<NameEvent<String>>());
        node.membership().subscribe(&ctx.recipient::<MemberEvent>());
        ctx.send_every(PERIOD, Tick);
        let keeper = Self { node };
        keeper.take_over().await;
        keeper
    }

    /// Handles a shard that is started or lost on some node.
    #[info]
    async fn name_changed(&mut self, _event: NameEvent<String>) {
        self.take_over().await;
    }

    /// Handles a node that has joined or is lost: the owners of shards change.
    #[info]
    async fn member_changed(&mut self, _event: MemberEvent) {
        self.take_over().await;
    }

    #[info]
    async fn tick(&mut self, _: Tick) {
        self.take_over().await;
    }
}

impl Keeper {
    /// Starts the shards that no node has and this one owns. Without a majority of the nodes it would be no use.
    async fn take_over(&self) {
        let names = self.node.names();
        for shard in 0..SHARDS {
            let up = stores(&self.node);
            let nodes: Vec<_> = up.iter().map(String::as_str).collect();
            let is_ours = owner(shard, &nodes) == Some(self.node.id().name.as_str());
            if up.len() < MAJORITY || !is_ours || names.node_of(shard::name(shard)).is_some() {
                continue;
            }
            // After an error there is nothing to do: another node has reserved the name first, or the next event or tick
            // tries again.
            let _ = self.start_shard(shard).await;
        }
    }

    /// Reserves the name first, so that only one node starts the shard.
    async fn start_shard(&self, shard: usize) -> Result<(), RegisterNameError> {
        let names = self.node.names();
        let reservation = names.reserve(shard::name(shard)).await?;
        let started = Shard::start(names).await;
        let subject = started.map_err(|_| RegisterNameError::NoProcess)?;
        let registered = reservation.register(&subject).await;
        if registered.is_err() {
            let _ = subject.stop().await;
        }
        registered
    }
}

/// Returns the names of the storage nodes that are up.
pub(crate) fn stores(node: &Node) -> Vec<String> {
    let mut up = node.membership().up();
    up.retain(|member| member.role() == STORE);
    up.iter().map(|member| member.name().to_string()).collect()
}
