//! Conflicts: two processes hold one name after a partition.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ambit::process::Pid;

use crate::node::id::NodeId;

/// A conflict of two processes that hold the same name, because both were registered while their nodes were not
/// connected.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{ConflictChoice, ConflictPolicy};
/// # use ambit_dist::{Node, transport::Memory};
/// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
/// // Both nodes register the name before they are connected.
/// a.names().register("visits", &first).priority(1).await?;
/// b.names().register("visits", &second).await?;
/// let (report, mut reported) = tokio::sync::mpsc::unbounded_channel();
/// b.names().set_conflict_policy(ConflictPolicy::choose(move |conflict| {
///     report.send(conflict.clone()).ok();
///     ConflictChoice::First
/// }));
/// b.connect(a.local_addr()).await?;
///
/// let conflict = reported.recv().await.ok_or("a conflict was expected")?;
/// assert_eq!(conflict.name, "visits");
/// assert_eq!((&conflict.first, &conflict.second), (a.id(), b.id()));
/// // The function runs on the node of the second process.
/// assert_eq!(conflict.second_pid, second.pid());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameConflict<K> {
    /// The name.
    pub name: K,
    /// The node of the process that ranks first: the one with the higher priority or, if the priorities are equal, with
    /// the older registration.
    pub first: NodeId,
    /// The node of the other process.
    pub second: NodeId,
    /// The process on `first`, or [`Pid::NOBODY`] if the name is only reserved there.
    pub first_pid: Pid,
    /// The process on `second`, or [`Pid::NOBODY`] if the name is only reserved there.
    pub second_pid: Pid,
}

/// The error in the exit reason of a process that lost its name in a conflict, with the policy
/// [`EndSecond`](ConflictPolicy::EndSecond). The process is alive if it traps exits. A process on another node receives
/// the text of the error, as of every error. (Erlang: the exit of `global:random_exit_name/3`.)
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::NameConflictError;
/// # use ambit_dist::{Node, transport::Memory};
/// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
/// a.names().register("visits", &first).priority(1).await?;
/// b.names().register("visits", &second).await?;
/// b.connect(a.local_addr()).await?;
///
/// let ExitReason::Error(report) = second.closed().await else { panic!("an error was expected") };
/// let error: &NameConflictError = report.downcast_ref().ok_or("a conflict was expected")?;
/// let conflict = error.conflict::<String>().ok_or("a name was expected")?;
/// assert_eq!((conflict.name.as_str(), &conflict.first), ("visits", a.id()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[error(
    "name conflict: the process on {} holds the name, so use that one",
    conflict.first_node()
)]
pub struct NameConflictError {
    conflict: Arc<dyn AnyConflict>,
}

/// A [`NameConflict`] with a name of any type.
trait AnyConflict: Any + Send + Sync {
    fn first_node(&self) -> &NodeId;
    fn equals(&self, other: &dyn AnyConflict) -> bool;
}

impl<K: Eq + Send + Sync + 'static> AnyConflict for NameConflict<K> {
    fn first_node(&self) -> &NodeId {
        &self.first
    }

    fn equals(&self, other: &dyn AnyConflict) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<Self>().is_some_and(|other| {
            (&self.name, &self.first, &self.second) == (&other.name, &other.first, &other.second)
        })
    }
}

impl NameConflictError {
    /// Returns the error of a conflict, for example for a test: the process on `first` keeps the name, the one on `second`
    /// loses it. It names no pids. Two errors are equal if their names and nodes are.
    ///
    /// ```
    /// use ambit_dist::{Incarnation, NameConflictError, NodeId};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let incarnation = Incarnation::new(1_000, 0);
    /// let a = NodeId { name: "a".parse()?, incarnation };
    /// let b = NodeId { name: "b".parse()?, incarnation };
    /// let error = NameConflictError::new("visits".to_owned(), a, b);
    /// assert_eq!(error.conflict::<String>().ok_or("a text")?.name, "visits");
    /// assert!(error.conflict::<u32>().is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new<K: Eq + Send + Sync + 'static>(name: K, first: NodeId, second: NodeId) -> Self {
        let conflict = NameConflict {
            name,
            first,
            second,
            first_pid: Pid::NOBODY,
            second_pid: Pid::NOBODY,
        };
        Self::from(conflict)
    }

    /// Returns the conflict, or `None` if `K` is not the type of the name: `String` for
    /// [`Node::names`](crate::Node::names), and the key type of a [`ClusterRegistry`](crate::ClusterRegistry).
    #[must_use]
    pub fn conflict<K: 'static>(&self) -> Option<&NameConflict<K>> {
        let conflict: &dyn Any = &*self.conflict;
        conflict.downcast_ref()
    }
}

impl<K: Eq + Send + Sync + 'static> From<NameConflict<K>> for NameConflictError {
    fn from(conflict: NameConflict<K>) -> Self {
        let conflict = Arc::new(conflict);
        Self { conflict }
    }
}

impl PartialEq for NameConflictError {
    fn eq(&self, other: &Self) -> bool {
        self.conflict.equals(&*other.conflict)
    }
}

impl fmt::Debug for NameConflictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameConflictError")
            .field("first", self.conflict.first_node())
            .finish_non_exhaustive()
    }
}

/// The decision on a conflict.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{ConflictChoice, ConflictPolicy, NameConflict, NameEvent};
/// # use ambit_dist::{Node, transport::Memory};
/// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
///
/// /// Prefers the node `b`.
/// fn choose(conflict: &NameConflict<String>) -> ConflictChoice {
///     match conflict.second.name.as_str() {
///         "b" => ConflictChoice::Second,
///         _ => ConflictChoice::First,
///     }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
/// # a.names().register("visits", &first).priority(1).await?;
/// # b.names().register("visits", &second).await?;
/// # let mut events = a.names().events();
/// b.names().set_conflict_policy(ConflictPolicy::choose(choose));
/// // Both nodes have registered the name, and connect.
/// b.connect(a.local_addr()).await?;
/// # while !matches!(events.next().await, Some(NameEvent::Conflict { .. })) {}
/// assert_eq!(a.names().node_of("visits").as_ref(), Some(b.id()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConflictChoice {
    /// The name stays with the process on [`NameConflict::first`].
    First,
    /// The name goes to the process on [`NameConflict::second`].
    Second,
    /// Neither process keeps the name.
    Neither,
}

/// A function that decides a conflict.
pub(super) type ChooseHolder<K> = Arc<dyn Fn(&NameConflict<K>) -> ConflictChoice + Send + Sync>;

/// The policy that resolves a [`NameConflict`]. The node of the process that ranks second applies its own policy, so
/// set the same policy on all nodes of a cluster. With every policy, the nodes of the processes that lose the name emit
/// [`NameEvent::Conflict`](crate::NameEvent::Conflict).
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{ConflictPolicy, NameEvent};
/// # use ambit_dist::{Node, transport::Memory};
/// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
/// // Both nodes register the name before they are connected.
/// a.names().register("visits", &first).priority(1).await?;
/// b.names().register("visits", &second).await?;
/// b.names().set_conflict_policy(ConflictPolicy::NotifySecond);
/// let mut events = b.names().events();
/// b.connect(a.local_addr()).await?;
///
/// while let Some(event) = events.next().await {
///     let NameEvent::Conflict { kept, .. } = event else { continue };
///     assert_eq!(kept.as_ref(), Some(a.id()));
///     break;
/// }
/// assert!(second.is_alive());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[non_exhaustive]
pub enum ConflictPolicy<K> {
    /// The process that ranks second loses the name and receives an exit signal with an error that begins with `name
    /// conflict`. (Erlang: `global:random_exit_name/3`, which chooses at random.)
    #[default]
    EndSecond,
    /// The process that ranks second loses the name and keeps running. (Erlang: `global:random_notify_name/3`.)
    NotifySecond,
    /// Both processes lose the name and keep running. (Erlang: `global:notify_all_name/3`.)
    NotifyBoth,
    /// A function decides each conflict; see [`choose`](Self::choose).
    Choose(ChooseHolder<K>),
}

impl<K> ConflictPolicy<K> {
    /// Returns a policy that calls `choose` to decide each conflict; both processes keep running. The function runs
    /// once per conflict of two processes, in a task of the node, and must not block. If it panics,
    /// [`EndSecond`](Self::EndSecond) applies. (Erlang: the resolve function of `global:register_name/3`.)
    ///
    /// ```
    /// use ambit_dist::{ConflictChoice, ConflictPolicy};
    /// // The process on the node that sorts first keeps the name.
    /// let policy = ConflictPolicy::<String>::choose(|conflict| {
    ///     match conflict.first.name < conflict.second.name {
    ///         true => ConflictChoice::First,
    ///         false => ConflictChoice::Second,
    ///     }
    /// });
    /// # drop(policy);
    /// ```
    pub fn choose(
        choose: impl Fn(&NameConflict<K>) -> ConflictChoice + Send + Sync + 'static,
    ) -> Self {
        Self::Choose(Arc::new(choose))
    }
}

impl<K> Clone for ConflictPolicy<K> {
    fn clone(&self) -> Self {
        match self {
            Self::EndSecond => Self::EndSecond,
            Self::NotifySecond => Self::NotifySecond,
            Self::NotifyBoth => Self::NotifyBoth,
            Self::Choose(choose) => Self::Choose(choose.clone()),
        }
    }
}

impl<K> fmt::Debug for ConflictPolicy<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndSecond => "EndSecond",
            Self::NotifySecond => "NotifySecond",
            Self::NotifyBoth => "NotifyBoth",
            Self::Choose(_) => "Choose",
        })
    }
}
