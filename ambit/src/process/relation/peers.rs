//! The links and monitors of a process, and how many of them it has with each other node.

use std::sync::Arc;

use super::{Monitored, Relations};
use crate::pid::Pid;
use crate::process::relations_by_node::{NodeRelations, RelationsByNode};
use crate::process::small_set::SmallSet;
use crate::signal::MonitorRef;

/// The process that has the relations, and the index of its system.
#[derive(Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) pid: Pid,
    pub(crate) index: &'a Arc<RelationsByNode>,
}

impl Relations {
    /// Returns the links in ascending order.
    pub(crate) fn links(&self) -> impl Iterator<Item = Pid> + '_ {
        self.allocated
            .iter()
            .flat_map(|allocated| allocated.links.iter())
    }

    pub(crate) fn is_linked(&self, other: Pid) -> bool {
        self.allocated
            .as_ref()
            .is_some_and(|allocated| allocated.links.contains(&other))
    }

    /// Adds a link to the process at `home`; returns false if they are linked already.
    pub(crate) fn link(&mut self, home: Home<'_>, other: Pid) -> bool {
        let is_new = self.allocated().links.insert(other);
        if is_new {
            self.relate(home, other);
        }
        is_new
    }

    /// Removes a link; returns false if they are not linked.
    pub(crate) fn unlink(&mut self, other: Pid) -> bool {
        let Some(allocated) = &mut self.allocated else {
            return false;
        };
        let was_linked = allocated.links.remove(&other);
        if was_linked {
            self.part(other);
        }
        was_linked
    }

    /// Adds a monitor of another process by the process at `home`.
    pub(crate) fn monitor(&mut self, home: Home<'_>, monitor: MonitorRef, monitored: Monitored) {
        let pid = monitored.pid;
        self.make_rare().monitors.insert(monitor, monitored);
        self.relate(home, pid);
    }

    /// Adds a monitor by another process of the process at `home`.
    pub(crate) fn watch(&mut self, home: Home<'_>, watcher: Pid, monitor: MonitorRef) {
        if self.make_rare().watchers.insert((watcher, monitor)) {
            self.relate(home, watcher);
        }
    }

    /// Removes a monitor by another process.
    pub(crate) fn unwatch(&mut self, watcher: Pid, monitor: MonitorRef) {
        let rare = self.rare();
        if rare.is_some_and(|rare| rare.watchers.remove(&(watcher, monitor))) {
            self.part(watcher);
        }
    }

    /// Removes all monitors by processes of this node.
    pub(crate) fn unwatch_all_of(&mut self, node: u64) {
        let Some(rare) = self.rare() else { return };
        let (watchers, nodes) = (&mut rare.watchers, &mut rare.nodes);
        watchers.retain(|(watcher, _)| {
            let is_of_node = watcher.node() == node;
            if let Some(nodes) = nodes.as_mut().filter(|_| is_of_node) {
                nodes.remove(node);
            }
            !is_of_node
        });
    }

    /// Counts a relation with a process, which may be of another node.
    #[inline]
    fn relate(&mut self, home: Home<'_>, other: Pid) {
        if other.node() != home.pid.node() && other != Pid::NOBODY {
            self.relate_remote(home, other.node());
        }
    }

    #[cold]
    fn relate_remote(&mut self, home: Home<'_>, node: u64) {
        let index = || NodeRelations::new(home.pid, home.index.clone());
        let nodes = self
            .make_rare()
            .nodes
            .get_or_insert_with(|| Box::new(index()));
        nodes.add(node);
    }

    /// Counts the end of a relation.
    #[inline]
    fn part(&mut self, other: Pid) {
        if let Some(nodes) = self.rare().and_then(|rare| rare.nodes.as_mut()) {
            nodes.remove(other.node());
        }
    }

    /// Ends the relations with all nodes at once, at the end of the process.
    pub(crate) fn part_with_all_nodes(&mut self) {
        if let Some(rare) = self.rare() {
            rare.nodes = None;
        }
    }

    pub(crate) fn take_links(&mut self) -> SmallSet<Pid> {
        self.allocated
            .as_mut()
            .map(|allocated| allocated.links.take())
            .unwrap_or_default()
    }

    /// Takes a monitor of this process back; `None` if there is none.
    pub(crate) fn take_monitor(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        let monitored = self.rare()?.monitors.remove(&monitor)?;
        self.part(monitored.pid);
        Some(monitored)
    }

    /// Replaces a monitor by its `Down`, which is about to be queued; `None` if there is none.
    pub(crate) fn queue_down(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        let monitored = self.take_monitor(monitor)?;
        self.make_rare().downs.insert(monitor);
        Some(monitored)
    }

    /// Takes a queued `Down`; returns false if it is void.
    pub(crate) fn take_down(&mut self, monitor: MonitorRef) -> bool {
        self.rare().is_some_and(|rare| rare.downs.remove(&monitor))
    }
}
