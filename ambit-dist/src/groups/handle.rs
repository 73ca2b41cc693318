//! The handle that programs use.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ambit::group::NotJoined;
use ambit::message::{Remote, Wire};
use ambit::opaque_arc::{OpaqueArc, OpaqueWeak};
use ambit::process::Pid;
use ambit::server::{Recipient, Subject};
use bytes::Bytes;

use super::error::JoinGroupError;
use super::event::ClusterGroupEvent;
use super::index::Observed;
use super::key::GroupKey;
use super::member::Member;
use super::monitor::{self, ClusterGroupMonitor};
use super::state::ClusterGroups;
use crate::node::Node;
use crate::node::shared::Shared;

/// A scope of named groups of the cluster, from [`Node::groups`]. (Erlang: `pg`.)
///
/// A process joins on its own node, and all nodes see it as a member a few milliseconds later. A group exists while it
/// has members. Members with different protocols under the same name form separate groups. A process that joins a group
/// several times counts as several members. A process leaves all groups when it ends. When a node is down or has left,
/// the other nodes remove its members at once; if the node was declared down by mistake, its members return with it.
/// Other nodes may miss a membership that lasts only a few milliseconds.
///
/// `P` is the protocol of the members: a server type with a wire name, `dyn Trait` for a trait with `#[protocol]`, or
/// the message type of a plain process.
///
/// # Order
/// Members of this node come first, then those of the other nodes, sorted by node name. The members of one node are in
/// join order.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::system::System;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{ClusterGroupEvent, Node};
///
/// struct Worker { done: u32 }
/// #[gen_server(remote = "shop.worker")]
/// impl Worker {
///     #[call] fn done(&self) -> u32 { self.done }
///     #[cast] fn work(&mut self, amount: u32) { self.done += amount; }
/// }
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<ClusterGroupEvent<Worker>>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let system = System::builder().build()?;
/// // On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
/// let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").system(system.clone());
/// # let b = b.seeds(["10.0.0.1:9000"]).transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let (none, _monitor) = a.groups().monitor::<Worker>("workers", inbox.recipient());
/// assert!(none.is_empty());
///
/// // On node b:
/// # system.within(|| ambit::spawn({ let b = b.clone(); |_: Inbox<()>| async move {
/// let worker = Worker { done: 0 }.start().await.unwrap();
/// b.groups().join("workers", &worker).unwrap();
/// # worker.closed().await; }}));
///
/// // On node a:
/// let Some(ClusterGroupEvent::Joined(joined)) = inbox.recv().await else { panic!("a join was expected") };
/// assert_eq!(a.groups().broadcast::<Worker>("workers", WorkerCast::Work { amount: 2 }), 1);
/// let members = a.groups().members::<Worker>("workers");
/// assert_eq!(members, [joined.member()]);
/// # while members[0].done().await? < 2 {}
/// assert_eq!(members[0].done().await?, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Groups {
    // Not the whole node: a handle keeps neither its socket nor its sessions open.
    pub(super) groups: OpaqueArc<ClusterGroups>,
    pub(super) shared: OpaqueWeak<Shared>,
    scope: Arc<str>,
}

impl Node {
    /// Returns the process groups of the cluster, in the scope without a name. [`Groups::scope`] returns others.
    #[must_use]
    pub fn groups(&self) -> Groups {
        Groups {
            groups: OpaqueArc::new(self.shared().groups.clone()),
            shared: OpaqueWeak::new(self.shared()),
            scope: "".into(),
        }
    }
}

impl Groups {
    /// Returns the scope with this name. Groups of different scopes are independent, even if they have the same name.
    /// (Erlang: `pg:start_link/1`.)
    #[must_use]
    pub fn scope(&self, name: &str) -> Self {
        Self {
            scope: name.into(),
            ..self.clone()
        }
    }

    /// Adds the process of `subject`, which must run on this node, to the group `name`. If the process is already a
    /// member, this adds another membership. If the handle follows a name, adds the process that is currently
    /// registered under the name. (Erlang: `pg:join/2`.)
    ///
    /// A process that has ended is silently skipped. The member is visible on this node when the call returns.
    ///
    /// # Errors
    /// Fails with a [`JoinGroupError`]; the group is unchanged.
    /// - `Stopped` if the scope was stopped on this node.
    /// - `NoProcess` if the handle follows a name that is not registered.
    /// - `Elsewhere` if the process runs on another node.
    /// - `Left` if this node has left the cluster.
    /// - `Limit` if a limit on replicated entries is reached.
    /// - `Unsendable` if the handle cannot be sent to other nodes, or if two types that its protocol uses have the same
    ///   wire name.
    pub fn join<P>(
        &self,
        name: &str,
        subject: &impl AsRef<Subject<P>>,
    ) -> Result<(), JoinGroupError>
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        self.join_all(name, [subject.as_ref()])
    }

    /// Adds several processes of this node to the group `name`, in this order. After an error, none of them is added.
    /// Processes that have ended are skipped. (Erlang: `pg:join/2` with a list.)
    ///
    /// # Errors
    /// Like [`join`](Self::join).
    pub fn join_all<P, S>(
        &self,
        name: &str,
        subjects: impl IntoIterator<Item = S>,
    ) -> Result<(), JoinGroupError>
    where
        P: Remote<Cast: Clone> + ?Sized,
        S: AsRef<Subject<P>>,
    {
        let replication = &self.groups.replication;
        if replication.has_ended() {
            return Err(JoinGroupError::Left);
        }
        let served = self.groups.arc().serve_casts::<P>();
        served.map_err(|clash| JoinGroupError::Unsendable {
            why: clash.to_string(),
        })?;
        let key = self.key::<P>(name);
        let mut joining = Vec::new();
        for subject in subjects {
            joining.extend(self.encode(&key, subject.as_ref())?);
        }
        let entries = joining.iter().map(|(pid, body, _)| (*pid, body.clone()));
        let joined = self.groups.local.join(&key, entries.collect())?;
        // The handles are known, so they are not decoded.
        for (id, (.., subject)) in joined.into_iter().zip(&joining) {
            let own = replication.node_context.id();
            let member = id.and_then(|id| self.groups.index.member(own, id));
            if let Some(member) = member {
                member.set(subject);
            }
        }
        Ok(())
    }

    /// Removes the newest membership of the process of `subject`, which must run on this node, in the group `name`.
    /// (Erlang: `pg:leave/2`.)
    ///
    /// # Errors
    /// Fails with [`NotJoined`] if the process is not a member of this group or runs on another node. The group is
    /// unchanged.
    pub fn leave<P>(&self, name: &str, subject: &impl AsRef<Subject<P>>) -> Result<(), NotJoined>
    where
        P: Remote + ?Sized,
    {
        let (key, pid) = (self.key::<P>(name), subject.as_ref().pid());
        match self.groups.local.leave(&key, pid) {
            true => Ok(()),
            false => Err(NotJoined),
        }
    }

    /// Returns the members of a group on all nodes. A process that has joined twice appears twice. (Erlang:
    /// `pg:get_members/1`.)
    #[must_use]
    pub fn members<P: Remote + ?Sized>(&self, name: &str) -> Vec<P::Subject> {
        self.subjects::<P>(&self.members_of::<P>(name))
    }

    /// Returns the members of a group on this node, in join order. (Erlang: `pg:get_local_members/1`.)
    #[must_use]
    pub fn local_members<P: Remote + ?Sized>(&self, name: &str) -> Vec<P::Subject> {
        let own = self.groups.replication.node_context.id();
        self.subjects::<P>(&self.groups.index.members_on(&self.key::<P>(name), own))
    }

    /// Returns the names of the groups of this scope that have members on any node, sorted. (Erlang:
    /// `pg:which_groups/0`.)
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.groups.index.names(&self.scope)
    }

    /// Monitors a group: returns its current members, and sends each later change that this node sees to `recipient`,
    /// exactly once. Members whose handles cannot be decoded on this node are not reported. The group need not exist
    /// yet. (Erlang: `pg:monitor/1`.)
    ///
    /// The monitor ends with [`demonitor`](ClusterGroupMonitor::demonitor), with the process of `recipient`, or with
    /// the node; dropping the returned [`ClusterGroupMonitor`] does not end it. While the mailbox is full, events wait
    /// in an unbounded queue.
    ///
    /// When a node goes down, the monitor sends a `Left` event for each of its members. If the node returns, it sends a
    /// `Joined` event for each.
    pub fn monitor<P: Remote + ?Sized>(
        &self,
        name: &str,
        recipient: Recipient<ClusterGroupEvent<P>>,
    ) -> (Vec<P::Subject>, ClusterGroupMonitor) {
        let observed = self.observed::<P>(Some(name.into()));
        let (seen, monitor) = monitor::start(&self.groups, observed, recipient);
        let members = seen.into_values().flatten();
        (members.map(Into::into).collect(), monitor)
    }

    /// Like [`monitor`](Self::monitor), but monitors all groups with the protocol `P` in this scope, including groups
    /// that do not exist yet. Returns the current members by group name. (Erlang: `pg:monitor_scope/0`.)
    pub fn monitor_scope<P: Remote + ?Sized>(
        &self,
        recipient: Recipient<ClusterGroupEvent<P>>,
    ) -> (BTreeMap<String, Vec<P::Subject>>, ClusterGroupMonitor) {
        let (seen, monitor) = monitor::start(&self.groups, self.observed::<P>(None), recipient);
        let groups = seen.into_iter().map(|(name, members)| {
            let members = members.into_iter().map(Into::into);
            (name, members.collect())
        });
        (groups.collect(), monitor)
    }

    /// Stops the scope on this node: the members of this node leave, and joins fail with `Stopped` until the scope is
    /// [started](Self::start) again. Members of other nodes stay. Scopes are running by default; stopping a stopped
    /// scope does nothing.
    pub fn stop(&self) {
        self.groups.local.stop(&self.scope);
    }

    /// Starts a scope that was stopped on this node. Processes that were members before the stop must join again.
    pub fn start(&self) {
        self.groups.local.start(&self.scope);
    }

    pub(super) fn key<P: Remote + ?Sized>(&self, name: &str) -> GroupKey {
        GroupKey::new(&self.scope, name, P::REMOTE)
    }

    fn observed<P: Remote + ?Sized>(&self, name: Option<Arc<str>>) -> Observed {
        Observed {
            scope: self.scope.clone(),
            name,
            protocol: P::REMOTE.into(),
        }
    }

    /// Returns the memberships of a group in order.
    pub(super) fn members_of<P: Remote + ?Sized>(&self, name: &str) -> Vec<Arc<Member>> {
        let own = self.groups.replication.node_context.id();
        self.groups.index.members(&self.key::<P>(name), own)
    }

    fn subjects<P: Remote + ?Sized>(&self, members: &[Arc<Member>]) -> Vec<P::Subject> {
        let replication = &self.groups.replication;
        let subjects = members.iter();
        let subjects = subjects.filter_map(|member| member.subject::<P>(replication));
        subjects.map(Into::into).collect()
    }

    /// Encodes the entry of a process of this node. Returns `None` if it has ended.
    fn encode<P: Remote + ?Sized>(
        &self,
        key: &GroupKey,
        subject: &Subject<P>,
    ) -> Result<Option<(Pid, Bytes, Subject<P>)>, JoinGroupError> {
        let replication = &self.groups.replication;
        if subject.pid() == Pid::NOBODY {
            return Err(JoinGroupError::NoProcess);
        }
        let is_local = |pid| replication.node_context.local.owns(pid);
        if !is_local(subject.pid()) {
            return Err(JoinGroupError::Elsewhere);
        }
        let encoded = replication.encode(|out| subject.put(out));
        let encoded = encoded.map_err(|error| JoinGroupError::of_entry(&error))?;
        // The handle may follow a name: the process that was encoded is the member.
        let own = replication.node_context.id();
        let decoded = replication.decode(own, &encoded, Subject::<P>::take);
        let Ok(direct) = decoded else {
            return Ok(None);
        };
        if !is_local(direct.pid()) {
            return Err(JoinGroupError::Elsewhere);
        }
        let mut body = key.encode();
        body.extend_from_slice(&encoded);
        Ok(Some((direct.pid(), body.into(), direct)))
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Groups")
            .field("scope", &self.scope)
            .field("names", &self.names())
            .finish_non_exhaustive()
    }
}
