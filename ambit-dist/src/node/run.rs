//! The task that runs a node: it feeds events to the connection manager and performs the resulting actions.

mod actions;
mod command;
mod discovery;
mod event_sources;
mod leaving;
mod next_event;
mod recheck_admission;
mod setup_events;

pub(crate) use self::command::Command;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::auth::CertificateRecheck;
use crate::discovery::Discovery;
use crate::handshake::Ready;
use crate::membership::run::{DialRequest, MembershipInput, MembershipLink};
use crate::node::accepting;
use crate::node::connection_manager::{CallerId, ConnectionId, Peers};
use crate::node::connection_setup::{Negotiated, SetupEvents};
use crate::node::error::ConnectError;
use crate::node::id::{NodeId, NodeName};
use crate::node::run::event_sources::EventSources;
use crate::node::shared::Shared;
use crate::rt::{self, AbortHandle, Instant, JoinSet};
use crate::session::Session;
use crate::transport::{BoxFuture, Connection};

/// The interval at which open connections are verified again, if the verdict can change with time.
const JUDGED: Duration = Duration::from_secs(2);

/// The stage of a connection.
enum ConnectionStage {
    Dialling(AbortHandle),
    Offered(Arc<dyn Connection>, Box<Ready>),
    /// Agreed, with whether this node dialled, and about to be up.
    Negotiated(Box<Negotiated>, bool),
    Up(Arc<Session>),
    /// Its session was closed and has not ended.
    Ending,
}

/// A request to refuse a node, which is answered after the node's disconnection.
struct PendingRefusal {
    name: NodeName,
    was_connected: bool,
    done: oneshot::Sender<bool>,
}

/// The state of the node's task.
pub(crate) struct Runner {
    shared: Arc<Shared>,
    peers: Peers,
    start: Instant,
    conns: BTreeMap<ConnectionId, ConnectionStage>,
    callers: BTreeMap<u64, oneshot::Sender<Result<NodeId, ConnectError>>>,
    last_caller: u64,
    /// The number of connections so far, by name.
    connections: BTreeMap<NodeName, u64>,
    events: SetupEvents,
    tasks: JoinSet<()>,
    leaving: Option<Instant>,
    leavers: Vec<oneshot::Sender<()>>,
    /// The time of the next verification of open connections.
    next_recheck: Instant,
    refusals: Vec<PendingRefusal>,
    /// Absent in a hidden node.
    membership: Option<MembershipLink>,
}

/// Notifies listeners and peers of the end of the node, even if its runtime shuts down.
pub(super) struct NotifyOnDrop(Arc<Shared>);

impl NotifyOnDrop {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self(shared.clone())
    }
}

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.subscribers.close();
        // Handles may live longer; the connections end now.
        let table = std::mem::take(&mut *self.0.table.lock());
        drop(table);
    }
}

/// Runs a node until it has left or all its handles are dropped. A runtime that shuts down may drop this future before
/// the first poll.
pub(super) async fn run(
    end: NotifyOnDrop,
    peers: Peers,
    seeds: Vec<SocketAddr>,
    sources: Vec<Box<dyn Discovery>>,
    commands: mpsc::Receiver<Command>,
    membership: Option<MembershipLink>,
    tasks: Vec<BoxFuture<'static, ()>>,
) {
    let shared = end.0.clone();
    let (events, found) = mpsc::unbounded_channel();
    let mut runner = Runner {
        shared: shared.clone(),
        peers,
        start: rt::now(),
        conns: BTreeMap::new(),
        callers: BTreeMap::new(),
        last_caller: 0,
        connections: BTreeMap::new(),
        events: events.clone(),
        tasks: JoinSet::new(),
        leaving: None,
        leavers: Vec::new(),
        next_recheck: rt::now() + JUDGED,
        refusals: Vec::new(),
        membership,
    };
    let changes = shared.recheck.as_ref().map(CertificateRecheck::changes);
    let mut event_sources = EventSources::new(found, changes, commands);
    runner.tasks.spawn(accepting::accept(shared, events));
    for task in tasks {
        runner.tasks.spawn(task);
    }
    runner.follow_sources(sources);
    runner.seed(seeds);
    loop {
        runner.act();
        let left_in_time = runner.leaving.is_none_or(|until| rt::now() < until);
        if runner.leaving.is_some() && (runner.peers.is_idle() || !left_in_time) {
            return runner.end(event_sources).await;
        }
        runner.handle_next(&mut event_sources).await;
        while runner.tasks.try_join_next().is_some() {}
    }
}

impl Runner {
    /// Notifies the membership, unless the node is hidden. The send fails once its task has ended.
    fn notify_membership(&self, input: MembershipInput) {
        if let Some(membership) = &self.membership {
            membership.inputs.send(input).ok();
        }
    }

    /// Passes the seeds to the connection manager, without those that may not be dialled.
    fn seed(&mut self, mut seeds: Vec<SocketAddr>) {
        // Nodes with the same list of seeds find themselves in it.
        seeds.retain(|address| !self.shared.is_at(*address));
        let (allowed, denied): (Vec<_>, Vec<_>) =
            (seeds.into_iter()).partition(|address| self.shared.may_dial(*address));
        if !denied.is_empty() {
            let node = self.shared.node_context.id();
            tracing::warn!(%node, ?denied, "seeds are outside the networks that this node may dial: add them to `allow_addresses(..)` or correct `seeds(..)`");
        }
        for address in allowed {
            self.peers.seed(Duration::ZERO, address);
        }
    }

    fn dial_member(&mut self, request: DialRequest) {
        let now = self.now();
        match request {
            DialRequest::Want { name, addresses } => {
                let shared = &self.shared;
                let may =
                    |address: &SocketAddr| shared.may_dial(*address) && !shared.is_at(*address);
                let addresses = addresses.into_iter().filter(may);
                self.peers.want(now, &name, addresses);
            }
            DialRequest::Forget(name) => self.peers.forget_wanted(now, &name),
            DialRequest::Learned(node) => self.peers.learned(node),
            DialRequest::Forgotten(name) => self.peers.forgotten(&name),
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Returns the time of the next scheduled work.
    fn wake(&self) -> Option<Instant> {
        let timer = self.peers.deadline().map(|at| self.start + at);
        let next_recheck = self.is_judging().then_some(self.next_recheck);
        timer
            .into_iter()
            .chain(self.leaving)
            .chain(next_recheck)
            .min()
    }

    /// Returns whether any open connection must be verified again with time.
    fn is_judging(&self) -> bool {
        self.shared.judges_in_time() && !self.conns.is_empty()
    }

    fn timer(&mut self) {
        let now = self.now();
        self.peers.timer(now);
        if self.is_judging() && self.next_recheck <= rt::now() {
            self.next_recheck = rt::now() + JUDGED;
            self.recheck();
        }
    }

    fn obey(&mut self, command: Option<Command>) {
        match command {
            Some(Command::Connect { address, done }) => {
                self.last_caller += 1;
                self.callers.insert(self.last_caller, done);
                self.peers.connect(address, CallerId(self.last_caller));
            }
            Some(Command::Disconnect { name, done }) => {
                let now = self.now();
                // The send fails if the caller is gone.
                done.send(self.peers.disconnect(now, &name)).ok();
            }
            Some(Command::Refuse { name, done }) => {
                let now = self.now();
                let was_connected = self.peers.refuse(now, &name);
                self.notify_membership(MembershipInput::Refuse(name.clone()));
                self.refusals.push(PendingRefusal {
                    name,
                    was_connected,
                    done,
                });
            }
            Some(Command::Readmit { name, done }) => {
                done.send(self.peers.readmit(&name)).ok();
                self.notify_membership(MembershipInput::Readmit(name));
            }
            Some(Command::Leave { done }) => {
                self.leavers.push(done);
                self.leave();
            }
            None => self.leave(),
        }
    }
}
