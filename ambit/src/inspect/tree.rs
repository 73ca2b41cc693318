//! The tree of processes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::inspect::process::{ProcessInfo, ProcessLabel};
use crate::inspect::snapshot::{Snapshot, processes};
use crate::pid::Pid;

/// A tree of processes, which [`Display`](fmt::Display) prints with one process per line. Created by [`tree`] and
/// [`Snapshot::tree`](super::Snapshot::tree).
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ChildSpec::task("idle", || std::future::pending::<()>());
///     let _supervisor = Supervisor::builder().child(idle).start().name("app").await.unwrap();
///     assert!(ambit::inspect::tree().to_string().contains("app"));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) processes: Vec<ProcessInfo>,
}

/// Returns the processes of the current system as a printable tree of parents and children. A process whose parent has
/// ended is printed at the top level and marked as `detached`. (Erlang: the application tab of `observer`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     println!("{}", ambit::inspect::tree());
/// }
/// ```
pub fn tree() -> Tree {
    Tree {
        processes: processes(),
    }
}

impl Snapshot {
    /// Returns the processes of this snapshot as a tree of parents and children.
    #[must_use]
    pub fn tree(&self) -> Tree {
        Tree {
            processes: self.processes.clone(),
        }
    }
}

impl Tree {
    fn known(&self) -> BTreeSet<Pid> {
        self.processes.iter().map(|process| process.pid).collect()
    }

    /// Returns the children of each process, in start order; those without a parent in the tree under [`Pid::NOBODY`].
    fn children(&self, known: &BTreeSet<Pid>) -> BTreeMap<Pid, Vec<&ProcessInfo>> {
        let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for process in &self.processes {
            let starter = process.ancestors.first().copied();
            let above = process.parent.or(starter).filter(|pid| known.contains(pid));
            let siblings = children.entry(above.unwrap_or(Pid::NOBODY)).or_default();
            siblings.push(process);
        }
        children
    }

    /// Returns each process below its parent, in start order.
    pub(super) fn rows(&self) -> Vec<TreeRow<'_>> {
        let known = self.known();
        let mut children = self.children(&known);
        let mut below = |pid, depth| {
            let all = children.remove(&pid).unwrap_or_default();
            all.into_iter().rev().map(move |child| (child, depth))
        };
        let mut rest: Vec<_> = below(Pid::NOBODY, 0).collect();
        let mut rows = Vec::new();
        while let Some((process, depth)) = rest.pop() {
            let is_detached = process
                .parent
                .is_some_and(|parent| !known.contains(&parent));
            rows.push(TreeRow {
                depth,
                process,
                is_detached,
            });
            rest.extend(below(process.pid, depth + 1));
        }
        rows
    }
}

/// One process of a tree.
pub(super) struct TreeRow<'a> {
    pub(super) depth: usize,
    pub(super) process: &'a ProcessInfo,
    /// Its parent has ended, and the process has not.
    pub(super) is_detached: bool,
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.rows() {
            let process = row.process;
            write!(f, "{}{}", "  ".repeat(row.depth), ProcessLabel(process))?;
            write!(f, " {:?}, {} queued", process.status, process.queued)?;
            writeln!(f, "{}", if row.is_detached { ", detached" } else { "" })?;
        }
        Ok(())
    }
}
