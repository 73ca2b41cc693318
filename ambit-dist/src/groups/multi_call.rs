//! Calls to the members of a group on many nodes at once.

use std::collections::BTreeSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use ambit::error::CallError;
use ambit::message::Remote;

use super::call_set::CallSet;
use super::handle::Groups;
use super::member::Member;
use crate::node::id::{NodeId, NodeName};
use crate::rt;

/// The default time limit.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// The replies and failures of a [`MultiCall`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{MultiCallError, NodeName};
/// # use ambit_dist::{Node, transport::Memory};
/// # struct Cache { entries: u64 }
/// # #[gen_server(remote = "shop.cache")]
/// # impl Cache {
/// #     #[call] fn entries(&self) -> u64 { self.entries }
/// # }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let cache = Cache { entries: 3 }.start().await?;
/// node.groups().join("caches", &cache)?;
///
/// let call = node.groups().multi_call::<Cache>("caches").nodes(["a", "b", "Node C"]);
/// let answered = call.call(|cache| async move { cache.entries().await }).await;
/// assert_eq!(answered.replies, [(node.id().clone(), 3)]);
/// assert_eq!(answered.failures, [("b".parse::<NodeName>()?, MultiCallError::NoMember)]);
/// assert_eq!(answered.invalid_nodes, ["Node C"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultiReplies<T> {
    /// The replies in the order of the members, each with the node of the member.
    pub replies: Vec<(NodeId, T)>,
    /// The failures with their nodes: first the nodes without a member, then the calls that failed. If all members are
    /// called, a node can be here several times, and in `replies` as well.
    pub failures: Vec<(NodeName, MultiCallError)>,
    /// The strings passed to [`nodes`](MultiCall::nodes) that are not valid node names.
    pub invalid_nodes: Vec<String>,
}

/// The reason why one node did not reply. The calls to other nodes are not affected.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::MultiCallError;
/// use std::time::Duration;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let worker = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// # node.groups().join("workers", &worker)?;
/// let call = node.groups().multi_call::<u8>("workers").nodes(["a", "b"]).timeout(Duration::from_millis(1));
/// // A call to which no member replies.
/// let answered = call.call(|_worker| std::future::pending::<Result<(), CallError>>()).await;
/// for (node, error) in answered.failures {
///     match error {
///         MultiCallError::NoMember => assert_eq!(node.as_str(), "b"),
///         MultiCallError::Timeout => assert_eq!(node.as_str(), "a"),
///         error => panic!("{node}: {error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultiCallError {
    /// The group has no member on the called node, that node is not a member of the cluster, or the calling node cannot
    /// decode the handle to the member. Nothing was sent.
    #[error(
        "the group has no reachable member on this node: start one on the node, or leave the node out"
    )]
    NoMember,
    /// The reply did not arrive in time. The request may have run; a later reply is dropped.
    #[error("the member did not reply in time: allow more time, or check its load")]
    Timeout,
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A call to members of a group on many nodes, from [`Groups::multi_call`]: by default to one member on each node.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// # use ambit_dist::{Node, transport::Memory};
///
/// struct Cache { entries: u64 }
/// #[gen_server(remote = "shop.cache")]
/// impl Cache {
///     #[call] fn entries(&self) -> u64 { self.entries }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let caches = [Cache { entries: 3 }.start().await?, Cache { entries: 4 }.start().await?];
/// node.groups().join_all("caches", &caches)?;
/// let call = node.groups().multi_call::<Cache>("caches").all_members().timeout(Duration::from_secs(10));
/// let answered = call.call(|cache| async move { cache.entries().await }).await;
/// let entries = answered.replies.iter().map(|(_node, entries)| entries);
/// assert_eq!(entries.sum::<u64>(), 7);
/// # Ok(())
/// # }
/// ```
#[must_use = "it does nothing until `call` is awaited"]
pub struct MultiCall<P: Remote + ?Sized> {
    groups: Groups,
    name: String,
    nodes: Option<Vec<String>>,
    has_local: bool,
    calls_all: bool,
    timeout: Duration,
    protocol: PhantomData<fn() -> Box<P>>,
}

/// Where a [`MultiCall`] is sent, and where it cannot be sent.
#[derive(Default)]
struct Targets {
    members: Vec<Arc<Member>>,
    /// The nodes without a member.
    failures: Vec<(NodeName, MultiCallError)>,
    invalid_nodes: Vec<String>,
}

impl Groups {
    /// Returns a call to one member of a group on each node that has members, to all of them at the same time. On a
    /// node with several members, it calls the one that joined first. (Erlang: `gen_server:multi_call/4`, to one
    /// registered name on many nodes.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit_dist::transport::Memory;
    /// use ambit_dist::Node;
    ///
    /// struct Cache { entries: u64 }
    /// #[gen_server(remote = "shop.cache")]
    /// impl Cache {
    ///     #[call] fn entries(&self) -> u64 { self.entries }
    /// }
    ///
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// // In memory. On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
    /// let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// let cache = Cache { entries: 3 }.start().await?;
    /// a.groups().join("caches", &cache)?;
    ///
    /// let caches = a.groups().multi_call::<Cache>("caches").nodes(["a", "b"]);
    /// let answered = caches.call(|cache| async move { cache.entries().await }).await;
    /// assert_eq!(answered.replies, [(a.id().clone(), 3)]);
    /// assert_eq!(answered.failures.len(), 1, "there is no node b");
    /// # Ok(())
    /// # }
    /// ```
    pub fn multi_call<P: Remote + ?Sized>(&self, name: impl Into<String>) -> MultiCall<P> {
        MultiCall {
            groups: self.clone(),
            name: name.into(),
            nodes: None,
            has_local: true,
            calls_all: false,
            timeout: DEFAULT_TIMEOUT,
            protocol: PhantomData,
        }
    }
}

impl<P: Remote + ?Sized> MultiCall<P> {
    /// Restricts the call to members on these nodes; by default, it calls members on all nodes. A node that is listed
    /// twice counts once. A listed node without a member is reported as [`MultiCallError::NoMember`]; a string that is
    /// not a valid node name is reported in [`MultiReplies::invalid_nodes`].
    pub fn nodes<N: AsRef<str>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        let mut seen = BTreeSet::new();
        let nodes = nodes.into_iter().map(|node| node.as_ref().to_owned());
        self.nodes = Some(nodes.filter(|node| seen.insert(node.clone())).collect());
        self
    }

    /// Excludes the members on this node. This node is then never reported as a failure, even if it is listed in
    /// [`nodes`](Self::nodes).
    pub fn without_local(mut self) -> Self {
        self.has_local = false;
        self
    }

    /// Calls every member instead of one member on each node.
    pub fn all_members(mut self) -> Self {
        self.calls_all = true;
        self
    }

    /// Sets the time limit of all calls together, counted from the first poll; 5 s by default. Each call also has its
    /// own timeout: to wait longer, also set `.timeout(..)` on the call in the closure passed to [`call`](Self::call).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls the members, and waits until all have replied or the time limit expires. The closure `call` makes the call
    /// to one member; it runs for all members at the first poll. A slow node does not delay the calls to the others.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. If it is dropped later, all replies are dropped, and
    /// requests that were sent may run.
    pub async fn call<T, F>(self, mut call: impl FnMut(P::Subject) -> F) -> MultiReplies<T>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let Targets {
            members,
            mut failures,
            invalid_nodes,
        } = self.targets();
        let replication = &self.groups.groups.replication;
        let (mut nodes, mut calls) = (Vec::new(), Vec::new());
        for member in members {
            let node = member.origin.clone();
            match member.subject::<P>(replication) {
                Some(subject) => {
                    nodes.push(node);
                    calls.push(call(subject.into()));
                }
                None => failures.push((node.name, MultiCallError::NoMember)),
            }
        }
        let mut calls = CallSet::new(calls);
        let all = poll_fn(|cx| calls.poll(cx));
        drop(rt::timeout(self.timeout, all).await);
        let mut replied = Vec::new();
        for (node, reply) in nodes.into_iter().zip(calls.into_outputs()) {
            match reply {
                Some(Ok(reply)) => replied.push((node, reply)),
                Some(Err(error)) => failures.push((node.name, error.into())),
                None => failures.push((node.name, MultiCallError::Timeout)),
            }
        }
        MultiReplies {
            replies: replied,
            failures,
            invalid_nodes,
        }
    }

    fn targets(&self) -> Targets {
        let own = self.groups.groups.replication.node_context.id().clone();
        let mut members = self.groups.members_of::<P>(&self.name);
        if !self.has_local {
            members.retain(|member| member.origin != own);
        }
        if !self.calls_all {
            // The members of one node are neighbours.
            members.dedup_by(|later, earlier| later.origin == earlier.origin);
        }
        let Some(nodes) = &self.nodes else {
            return Targets {
                members,
                ..Targets::default()
            };
        };
        let named: BTreeSet<&str> = nodes.iter().map(String::as_str).collect();
        members.retain(|member| named.contains(member.origin.name.as_str()));
        let with_member: BTreeSet<&NodeName> = members.iter().map(|m| &m.origin.name).collect();
        let (mut failures, mut invalid_nodes) = (Vec::new(), Vec::new());
        for node in nodes {
            let Ok(name) = node.parse::<NodeName>() else {
                invalid_nodes.push(node.clone());
                continue;
            };
            if !with_member.contains(&name) && (self.has_local || name != own.name) {
                failures.push((name, MultiCallError::NoMember));
            }
        }
        Targets {
            members,
            failures,
            invalid_nodes,
        }
    }
}

impl<P: Remote + ?Sized> fmt::Debug for MultiCall<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MultiCall")
            .field("name", &self.name)
            .field("nodes", &self.nodes)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
