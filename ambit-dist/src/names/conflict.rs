//! Conflicts: two processes hold one name after a partition.

use std::fmt;
use std::sync::Arc;

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
