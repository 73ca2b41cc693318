//! The process that keeps one placed server running. It is the supervisor's child, instead of the server itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambit::Message;
use ambit::distribution::LocalProcesses;
use ambit::prelude::*;
use ambit::server::{Protocol, Subject};
use tokio::sync::oneshot;

use crate::node::Node;
use crate::node::start_on_error::StartOnError;
use crate::placement::error::PlaceError;
use crate::placement::strategy::Placement;
use crate::placement::table::{PlacedEntry, PlacedTable};
use crate::remote_processes::start::Startable;
use crate::rt::{self, Instant};

/// The time after which a server that fits no member looks for one again, and the minimum time from one start to the
/// next after a loss.
const RETRY: Duration = Duration::from_millis(250);

/// The time that a server without a supervisor has to end before it is killed.
const ABANDONED: Duration = Duration::from_secs(5);

/// The time that a start waits for the child process of a killed supervisor with the same id.
const ENDING: Duration = ABANDONED.saturating_add(Duration::from_secs(1));

/// What the processes of one [`PlacedServers`](crate::PlacedServers) share.
pub(super) struct Settings<S: Startable> {
    pub(super) node: Node,
    pub(super) placement: Placement,
    pub(super) start_timeout: Duration,
    pub(super) table: Arc<PlacedTable<S::Protocol>>,
}

/// Builds the arguments of each start.
pub(super) struct MakeArgs<S: Startable>(Arc<dyn Fn() -> S::Args + Send + Sync>);

impl<S: Startable> MakeArgs<S> {
    pub(super) fn new(make: impl Fn() -> S::Args + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }
}

impl<S: Startable> Clone for MakeArgs<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The local child process that runs a server on a member of the cluster, from
/// [`PlacedServers::child_spec`](crate::PlacedServers::child_spec). The server and its child process are linked and end
/// together. If the connection to the member is lost, the child process keeps running and starts the server on another
/// member. If the own node leaves the cluster, servers on other members end, and none is started again.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::ChildSpec;
/// use ambit_dist::{PlacedServer, PlacedServers, Placement};
/// # use ambit_dist::{Node, transport::Memory};
/// # struct Counter { value: u64 }
/// # #[gen_server(remote = "shop.counter")]
/// # impl Counter {
/// #     #[init] fn new(value: u64) -> Self { Self { value } }
/// #     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// # }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.expose::<Counter>();
/// let counters = PlacedServers::<Counter>::new(&node, Placement::least_loaded());
/// let child: ChildSpec<PlacedServer<Counter>> = counters.child_spec("tea", (40,));
/// let supervisor = Supervisor::builder().child(child).start().await?;
/// let counter = counters.whereis("tea").ok_or("the server runs")?;
/// assert_eq!(counter.add(2).await?, 42);
/// supervisor.stop().await?;
/// assert!(!counter.is_alive(), "the server has ended with its child process");
/// # Ok(())
/// # }
/// ```
pub struct PlacedServer<S: Startable> {
    settings: Arc<Settings<S>>,
    args: MakeArgs<S>,
    entry: PlacedEntry<S::Protocol>,
    current: Option<Subject<S::Protocol>>,
    /// The time of its last start.
    started: Instant,
}

/// The time to look for a member again.
#[derive(Clone, Message)]
struct Retry;

#[gen_server]
impl<S: Startable> PlacedServer<S> {
    #[init]
    pub(super) async fn new(
        ctx: &mut Context<Self>,
        settings: Arc<Settings<S>>,
        id: String,
        args: MakeArgs<S>,
    ) -> Result<Self, PlaceError> {
        // The end of the server arrives as a message, because the loss of its node is no end of this process.
        ctx.trap_exits(true);
        let table = settings.table.clone();
        let local = settings.node.shared().node_context.local.clone();
        let Some(entry) = claim(&table, &local, &id).await else {
            return Err(PlaceError::IdInUse { id });
        };
        let mut placed = Self {
            settings,
            args,
            entry,
            current: None,
            started: rt::now(),
        };
        placed.place().await?;
        Ok(placed)
    }

    /// Handles the end of the server. An exit of another process is that of a server whose start took too long.
    #[info]
    async fn exited(&mut self, ctx: &mut Context<Self>, exit: Exit) {
        let is_current = |current: &Subject<S::Protocol>| current.pid() == exit.from;
        if !self.current.as_ref().is_some_and(is_current) {
            return;
        }
        self.current = None;
        self.entry.lost();
        if exit.reason == ExitReason::NoConnection {
            // A server that ends itself with this reason, once its own peer is lost, could do so at each start.
            match RETRY.checked_sub(rt::now() - self.started) {
                Some(rest) => drop(ctx.send_after(rest, Retry)),
                None => self.place_again(ctx).await,
            }
        } else {
            let (id, reason) = (self.entry.id(), &exit.reason);
            tracing::debug!(id, %reason, "a placed server ended");
            ambit::distribution::leave_report_to_other();
            ctx.stop(exit.reason);
        }
    }

    #[info]
    async fn retry(&mut self, ctx: &mut Context<Self>, _: Retry) {
        self.place_again(ctx).await;
    }

    #[terminate]
    async fn terminate(&mut self, reason: &ExitReason) {
        let Some(server) = &self.current else { return };
        match reason {
            // An exit signal with this reason would have no effect. Only a request to stop brings it here.
            ExitReason::Normal => drop(server.stop().no_timeout().await),
            // Its supervisor limits the time, as that of a local child, unless that supervisor is killed meanwhile.
            ExitReason::Shutdown => {
                ambit::exit(server, ExitReason::Shutdown);
                let local = &self.settings.node.shared().node_context.local;
                tokio::select! {
                    biased;
                    _ = server.closed() => {}
                    () = abandoned(local) => return,
                }
            }
            // Its supervisor was killed, and can limit nothing.
            reason => {
                ambit::exit(server, reason.clone());
                if rt::timeout(ABANDONED, server.closed()).await.is_err() {
                    return;
                }
            }
        }
        self.current = None;
    }
}

impl<S: Startable> Drop for PlacedServer<S> {
    /// Kills a server that has not ended in time: it may hang, and another start must find no earlier server.
    fn drop(&mut self) {
        if let Some(server) = &self.current {
            ambit::exit(server, ExitReason::Kill);
        }
    }
}

/// Waits until the time is over that a server has to end after the end of the calling process's supervisor.
async fn abandoned(local: &LocalProcesses) {
    if let Some(parent) = ambit::distribution::own_parent() {
        let (ends, ended) = oneshot::channel();
        let hook = local.on_exit(parent, move |_| {
            ends.send(()).ok();
        });
        if hook.is_some() {
            ended.await.ok();
        }
    }
    rt::sleep(ABANDONED).await;
}

/// Claims an id for the calling process. If a child of a killed supervisor still uses it, waits until that child has
/// ended.
async fn claim<P: Protocol + ?Sized>(
    table: &Arc<PlacedTable<P>>,
    local: &LocalProcesses,
    id: &str,
) -> Option<PlacedEntry<P>> {
    let parent = ambit::distribution::own_parent();
    let deadline = rt::now() + ENDING;
    loop {
        let change = table.next_change(id);
        let used_by = match table.claim(id, parent) {
            Ok(entry) => return Some(entry),
            Err(used_by) => used_by,
        };
        if used_by.is_none_or(|parent| local.is_running(parent)) {
            return None;
        }
        rt::timeout_at(deadline, change).await.ok()?;
    }
}

impl<S: Startable> PlacedServer<S> {
    /// Starts the server on a member. Skips a member that cannot be asked; a failed `#[init]` is an error.
    async fn place(&mut self) -> Result<(), PlaceError> {
        let id = || self.entry.id().to_owned();
        let mut failed = BTreeSet::new();
        let mut last = PlaceError::NoMember { id: id() };
        let server = loop {
            let Settings {
                node, placement, ..
            } = &*self.settings;
            if node.shared().membership.is_leaving() {
                return Err(PlaceError::Left);
            }
            let members = node.membership().up();
            let Some(member) = self.entry.reserve(placement, members, &failed) else {
                return Err(last);
            };
            let start = node
                .on(member.as_str())
                .start_with::<S>((self.args.0)())
                .link()
                .timeout(self.settings.start_timeout);
            match start.await {
                Ok(server) => break server,
                Err(error) => {
                    let is_final = matches!(error, StartOnError::Start { .. });
                    last = PlaceError::Start { id: id(), error };
                    if is_final {
                        return Err(last);
                    }
                    failed.insert(member);
                }
            }
        };
        let server: &Subject<S::Protocol> = server.as_ref();
        self.entry.started(server.clone());
        self.current = Some(server.clone());
        self.started = rt::now();
        Ok(())
    }

    /// Starts the server on another member after a loss, now or as soon as a member fits. A failed `#[init]` ends this
    /// process, and the supervisor applies its restart policy.
    async fn place_again(&mut self, ctx: &mut Context<Self>) {
        match self.place().await {
            Ok(()) => {}
            Err(
                error @ PlaceError::Start {
                    error: StartOnError::Start { .. },
                    ..
                },
            ) => ctx.stop(ExitReason::error(error)),
            // The node will not come back. The supervisor of this process ends it.
            Err(PlaceError::Left) => {}
            Err(_) => {
                ctx.send_after(RETRY, Retry);
            }
        }
    }
}
