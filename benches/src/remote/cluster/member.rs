//! A far node of a cluster: `member NAME ENTRIES [SEED]`.

use std::io::{self, Write};

use ambit::prelude::*;
use ambit_dist::{Auth, ClusterGroupEvent, Node, NodeBuilder};

use super::sinks::Tick;
use super::{HELPERS, NODE, PAUSE, PING, PONG, entry, node, sinks};
use crate::remote::far::wait_for_the_end;
use crate::remote::pki::Secrets;
use crate::remote::system::Failure;
use crate::runtime;

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "member";
/// The names of the far nodes. The second one has the first one as its seed.
pub(super) const NAMES: [&str; 2] = ["b", "c"];

/// Reads its secrets from its input, prints its address once it has its entries and those of its seed, and ends with
/// its input.
pub(crate) fn main(name: &str, entries: &str, seed: Option<&str>) -> Result<(), String> {
    let entries = entries
        .parse()
        .map_err(|_| format!("`{entries}` is no number"))?;
    let result = serve(name.to_owned(), entries, seed.map(str::to_owned));
    result.map_err(|error| error.to_string())
}

fn serve(name: String, entries: u64, seed: Option<String>) -> Result<(), Failure> {
    let secrets = Secrets::read(&mut io::stdin().lock())?;
    runtime::run(async move {
        start(&name, &secrets, seed.as_deref()).await?;
        // One process with all entries: measured are the entries, and not the processes.
        let process = ambit::spawn(idle);
        for index in 0..entries {
            node().groups().join(&entry(&name, index), &process)?;
        }
        if seed.is_some() && entries > 0 {
            has_entries(NAMES[0], entries).await;
        }
        println!("{}", node().local_addr());
        io::stdout().flush()?;
        tokio::task::spawn_blocking(wait_for_the_end).await?;
        Ok::<(), Failure>(())
    })?;
    // Ends without waiting for the remaining tasks.
    std::process::exit(0)
}

/// Starts the node of this process, with a helper.
pub(super) async fn start(
    name: &str,
    secrets: &Secrets,
    seeds: impl IntoIterator<Item = &str>,
) -> Result<&'static Node, Failure> {
    let started = builder(name, secrets).seeds(seeds).start().await?;
    let node = NODE.get_or_init(|| started);
    node.expose::<Helper>();
    node.groups().join(HELPERS, &Helper::start().await?)?;
    Ok(node)
}

fn builder(name: &str, secrets: &Secrets) -> NodeBuilder {
    let builder = Node::builder(name).listen("127.0.0.1:0");
    builder.auth(Auth::cookie(secrets.cookie.as_str()))
}

/// Waits until this node has all entries of another one.
pub(super) async fn has_entries(name: &str, entries: u64) {
    let last = entry(name, entries - 1);
    while node().groups().members::<Tick>(&last).is_empty() {
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until this node is connected with so many members of its cluster, itself included.
pub(super) async fn is_complete(nodes: u64) {
    let members = || node().membership().up();
    let is_connected = || {
        members()
            .iter()
            .filter(|member| member.is_connected())
            .count() as u64
    };
    while is_connected() < nodes {
        tokio::time::sleep(PAUSE).await;
    }
}

/// What the near node asks of the others.
pub(super) struct Helper;

#[gen_server(remote = "bench.helper", vis = pub(super))]
impl Helper {
    #[init]
    pub(super) fn new() -> Self {
        Self
    }

    #[call]
    pub(super) fn ping(&self) -> u64 {
        1
    }

    /// Starts members of the group that receives broadcasts.
    #[call]
    pub(super) fn add_sinks(&self, count: u64) -> Result<(), String> {
        sinks::add(count).map_err(|error| error.to_string())
    }

    /// Returns when the members of this node have received so many messages.
    #[call]
    pub(super) async fn received(&self, total: u64) {
        sinks::received(total).await;
    }

    /// Returns when this node is connected with so many members.
    #[call]
    pub(super) async fn complete(&self, nodes: u64) {
        is_complete(nodes).await;
    }

    /// Registers this process under a name of the cluster.
    #[call]
    pub(super) async fn be_called(&self, ctx: &Context<Self>, name: String) -> Result<(), String> {
        let registered = node().names().register(name, &ctx.subject()).await;
        registered.map_err(|error| error.to_string())
    }

    /// Answers each join of a group with a join of another one, and each leave with a leave.
    #[call]
    pub(super) fn answer(&self) {
        let answering = ambit::spawn(answer);
        node().groups().monitor(PING, answering.recipient());
    }
}

async fn answer(mut inbox: Inbox<ClusterGroupEvent<Tick>>) -> Result<(), Failure> {
    let groups = node().groups();
    let member = ambit::spawn(idle);
    while let Some(event) = inbox.recv().await {
        match event {
            ClusterGroupEvent::Joined(_) => groups.join(PONG, &member)?,
            ClusterGroupEvent::Left(_) => groups.leave(PONG, &member)?,
        }
    }
    Ok(())
}

/// A process that only is a member.
pub(super) async fn idle(mut inbox: Inbox<Tick>) {
    while inbox.recv().await.is_some() {}
}
