//! The events of monitors of groups.
//!
//! A server may monitor groups of its own type. So nothing here requires that `P` is a protocol before the member is
//! read: whether it is one depends on its infos.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::Message;
use ambit::process::Pid;
use ambit::server::{Protocol, Subject};

use crate::node::id::NodeId;

/// A change of a group of the cluster, sent to the monitors of the group. (Erlang: `{Ref, join | leave, Group, Pids}`.)
///
/// Applying all events in order to the initial members, which [`Groups::monitor`](crate::Groups::monitor) returns,
/// yields the current members of the group.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{ClusterGroupEvent, Node};
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<ClusterGroupEvent<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let groups = node.groups();
/// let (_members, _monitor) = groups.monitor("workers", inbox.recipient());
/// let worker = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// groups.join("workers", &worker)?;
/// let Some(ClusterGroupEvent::Joined(change)) = inbox.recv().await else { panic!("a join was expected") };
/// assert_eq!((change.group(), change.member()), ("workers", worker));
/// assert_eq!(change.node(), node.id());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub enum ClusterGroupEvent<P: ?Sized> {
    /// A process joined.
    Joined(ClusterGroupChange<P>),
    /// A process left or ended, or its node is down.
    Left(ClusterGroupChange<P>),
}

/// The process and the group of a membership that began or ended.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{ClusterGroupChange, ClusterGroupEvent};
/// # use ambit_dist::{Node, transport::Memory};
///
/// /// Describes a change for a log.
/// fn describe(change: &ClusterGroupChange<u8>) -> String {
///     format!("{} on {}", change.group(), change.node().name)
/// }
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<ClusterGroupEvent<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let worker = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let groups = node.groups();
/// let (_members, _monitor) = groups.monitor("workers", inbox.recipient());
/// groups.join("workers", &worker)?;
/// let event = inbox.recv().await.ok_or("a join was expected")?;
/// assert_eq!(describe(event.change()), "workers on a");
/// assert_eq!(event.change().pid(), worker.pid());
/// # Ok(())
/// # }
/// ```
pub struct ClusterGroupChange<P: ?Sized> {
    group: Arc<str>,
    node: NodeId,
    pid: Pid,
    /// The `Subject<P>`.
    member: Arc<dyn Any + Send + Sync>,
    protocol: PhantomData<fn(&P)>,
}

impl<P: ?Sized> ClusterGroupEvent<P> {
    /// Returns the change, whether it is a join or a leave.
    pub fn change(&self) -> &ClusterGroupChange<P> {
        match self {
            Self::Joined(change) | Self::Left(change) => change,
        }
    }
}

impl<P: ?Sized> ClusterGroupChange<P> {
    /// Returns the name of the group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns the node of the process.
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    /// Returns the pid of the process.
    pub fn pid(&self) -> Pid {
        self.pid
    }
}

impl<P: Protocol + ?Sized> ClusterGroupChange<P> {
    pub(super) fn new(group: Arc<str>, node: NodeId, member: Subject<P>) -> Self {
        Self {
            group,
            node,
            pid: member.pid(),
            member: Arc::new(member),
            protocol: PhantomData,
        }
    }

    /// Returns the handle to the process.
    #[must_use]
    #[allow(
        clippy::missing_panics_doc,
        reason = "the stored handle is always a `Subject<P>`"
    )]
    pub fn member(&self) -> P::Subject {
        let member = self.member.downcast_ref::<Subject<P>>();
        member.cloned().expect("a handle of the protocol").into()
    }
}

impl<P: ?Sized + 'static> Message for ClusterGroupEvent<P> {}

impl<P: ?Sized> Clone for ClusterGroupEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Joined(change) => Self::Joined(change.clone()),
            Self::Left(change) => Self::Left(change.clone()),
        }
    }
}

impl<P: ?Sized> Clone for ClusterGroupChange<P> {
    fn clone(&self) -> Self {
        Self {
            group: self.group.clone(),
            node: self.node.clone(),
            pid: self.pid,
            member: self.member.clone(),
            protocol: PhantomData,
        }
    }
}

impl<P: ?Sized> fmt::Debug for ClusterGroupChange<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterGroupChange")
            .field("group", &self.group)
            .field("node", &self.node)
            .field("pid", &self.pid)
            .finish()
    }
}
