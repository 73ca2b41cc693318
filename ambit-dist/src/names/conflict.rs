//! Conflicts: two processes hold one name after a partition.

use std::fmt;
use std::sync::Arc;

use crate::node::id::NodeId;

/// A conflict of two processes that hold the same name, because both were registered while their nodes could not reach
/// each other.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
