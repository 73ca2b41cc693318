//! The memberships of all nodes, by group.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::mpsc::UnboundedSender;

use super::key::GroupKey;
use super::member::Member;
use crate::node::id::NodeId;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::small_map::SmallMap;

/// The groups that a monitor observes: one, or all of a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Observed {
    pub(super) scope: Arc<str>,
    pub(super) name: Option<Arc<str>>,
    pub(super) protocol: Arc<str>,
}

/// A change for a monitor.
pub(super) struct MemberChange {
    pub(super) member: Arc<Member>,
    pub(super) has_joined: bool,
}

/// The members of one group, in join order for each node.
type GroupMembers = SmallMap<NodeId, SmallMap<EntryId, Arc<Member>>>;

/// An index of all memberships.
#[derive(Default)]
pub(super) struct GroupIndex {
    state: RwLock<IndexState>,
    next_monitor: AtomicU64,
    /// The number of memberships that reads and changes have visited, for tests of the cost.
    #[cfg(test)]
    pub(super) visits: AtomicU64,
}

#[derive(Default)]
struct IndexState {
    groups: BTreeMap<GroupKey, GroupMembers>,
    entries: BTreeMap<NodeId, BTreeMap<EntryId, Arc<Member>>>,
    monitors: BTreeMap<Observed, BTreeMap<u64, UnboundedSender<MemberChange>>>,
}

impl GroupIndex {
    /// Returns the number of groups, and of members by node.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let state = self.state.read();
        let by_node = state.entries.values().map(|members| 1 + members.len());
        state.groups.len() + by_node.sum::<usize>()
    }

    /// Returns the members of a group: those of the node `own` first, then those of other nodes by name, each in join
    /// order.
    pub(super) fn members(&self, key: &GroupKey, own: &NodeId) -> Vec<Arc<Member>> {
        let state = self.state.read();
        let members = state.groups.get(key).into_iter();
        let members = members.flat_map(|members| ordered(members, own));
        let members: Vec<_> = members.cloned().collect();
        self.visit(members.len());
        members
    }

    /// Returns the members of a group on one node, in join order.
    pub(super) fn members_on(&self, key: &GroupKey, node: &NodeId) -> Vec<Arc<Member>> {
        let state = self.state.read();
        let members = state.groups.get(key).and_then(|members| members.get(node));
        let members = members.into_iter().flat_map(SmallMap::values);
        let members: Vec<_> = members.cloned().collect();
        self.visit(members.len());
        members
    }

    /// Returns the nodes other than `own` with members of a group, and how many each has.
    pub(super) fn others(&self, key: &GroupKey, own: &NodeId) -> Vec<(NodeId, usize)> {
        let state = self.state.read();
        let nodes = state.groups.get(key).into_iter().flat_map(SmallMap::iter);
        nodes
            .filter(|(node, _)| *node != own)
            .map(|(node, members)| (node.clone(), members.len()))
            .collect()
    }

    /// Returns the names of the groups of a scope, in order.
    pub(super) fn names(&self, scope: &Arc<str>) -> Vec<String> {
        let state = self.state.read();
        let mut names: Vec<String> = Vec::new();
        for key in in_scope(&state, scope).map(|(key, _)| key) {
            if names.last().is_none_or(|last| **last != *key.name) {
                names.push(key.name.to_string());
            }
        }
        names
    }

    /// Returns one membership.
    pub(super) fn member(&self, node: &NodeId, id: EntryId) -> Option<Arc<Member>> {
        self.state.read().entries.get(node)?.get(&id).cloned()
    }

    /// Adds a monitor, and returns the current members of the groups that it observes. Every later change is sent to
    /// `changes`.
    pub(super) fn monitor(
        &self,
        observed: &Observed,
        changes: UnboundedSender<MemberChange>,
        own: &NodeId,
    ) -> (u64, Vec<Arc<Member>>) {
        let number = self.next_monitor.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state.write();
        let groups: Vec<_> = match &observed.name {
            Some(name) => {
                let key = GroupKey::new(&observed.scope, name, &observed.protocol);
                self.visit(1);
                state.groups.get(&key).into_iter().collect()
            }
            None => in_scope(&state, &observed.scope)
                .inspect(|_| self.visit(1))
                .filter(|(key, _)| key.protocol == observed.protocol)
                .map(|(_, members)| members)
                .collect(),
        };
        let members = groups.into_iter();
        let members = members.flat_map(|members| ordered(members, own).cloned());
        let members: Vec<_> = members.collect();
        let monitors = state.monitors.entry(observed.clone()).or_default();
        monitors.insert(number, changes);
        (number, members)
    }

    /// Removes a monitor. Returns false if there is none.
    pub(super) fn demonitor(&self, observed: &Observed, number: u64) -> bool {
        let mut state = self.state.write();
        let Some(monitors) = state.monitors.get_mut(observed) else {
            return false;
        };
        let removed = monitors.remove(&number);
        if monitors.is_empty() {
            state.monitors.remove(observed);
        }
        drop(state);
        removed.is_some()
    }

    /// Counts visited memberships, and groups visited by a monitor, in tests.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "counts in tests"))]
    fn visit(&self, _members: usize) {
        #[cfg(test)]
        self.visits.fetch_add(_members as u64, Ordering::Relaxed);
    }
}

/// Returns the groups of a scope.
fn in_scope<'a>(
    state: &'a IndexState,
    scope: &'a Arc<str>,
) -> impl Iterator<Item = (&'a GroupKey, &'a GroupMembers)> {
    let first = GroupKey::new(scope, "", "");
    let groups = state.groups.range(first..);
    groups.take_while(|(key, _)| key.scope == *scope)
}

fn ordered<'a>(
    members: &'a GroupMembers,
    own: &'a NodeId,
) -> impl Iterator<Item = &'a Arc<Member>> {
    let local = members.get(own).into_iter();
    let others = members.iter().filter(move |(node, _)| *node != own);
    let nodes = local.chain(others.map(|(_, members)| members));
    nodes.flat_map(SmallMap::values)
}

impl IndexState {
    /// Takes equal texts from the group of this key, or from the one before it: most groups of a cluster have one scope
    /// and few protocols.
    fn share_texts(&self, key: &mut GroupKey) {
        let Some((near, _)) = self.groups.range(..=&*key).next_back() else {
            return;
        };
        for (own, near) in [
            (&mut key.scope, &near.scope),
            (&mut key.name, &near.name),
            (&mut key.protocol, &near.protocol),
        ] {
            if own == near {
                *own = near.clone();
            }
        }
    }

    fn add(&mut self, member: &Arc<Member>) {
        let of_group = self.groups.entry(member.key.clone()).or_default();
        let of_node = of_group.get_or_default(member.origin.clone());
        of_node.insert(member.id, member.clone());
        let of_node = self.entries.entry(member.origin.clone()).or_default();
        of_node.insert(member.id, member.clone());
        self.report(member, true);
    }

    fn remove(&mut self, node: &NodeId, id: EntryId) -> Option<Arc<Member>> {
        let of_node = self.entries.get_mut(node)?;
        let member = of_node.remove(&id)?;
        if of_node.is_empty() {
            self.entries.remove(node);
        }
        if let Some(of_group) = self.groups.get_mut(&member.key) {
            if let Some(of_node) = of_group.get_mut(node) {
                of_node.remove(&id);
                if of_node.is_empty() {
                    of_group.remove(node);
                }
            }
            if of_group.is_empty() {
                self.groups.remove(&member.key);
            }
        }
        self.report(&member, false);
        Some(member)
    }

    /// Queues a change for its monitors, in order.
    fn report(&self, member: &Arc<Member>, has_joined: bool) {
        if self.monitors.is_empty() {
            return;
        }
        let key = &member.key;
        for name in [Some(key.name.clone()), None] {
            let observed = Observed {
                scope: key.scope.clone(),
                name,
                protocol: key.protocol.clone(),
            };
            for changes in self
                .monitors
                .get(&observed)
                .into_iter()
                .flat_map(BTreeMap::values)
            {
                let member = member.clone();
                // The monitor has ended if the channel is closed.
                changes.send(MemberChange { member, has_joined }).ok();
            }
        }
    }
}

impl TableIndex for GroupIndex {
    fn apply(&self, change: &Change) -> Option<Retired> {
        self.visit(1);
        let mut state = self.state.write();
        match change {
            Change::Put {
                origin, id, body, ..
            } => {
                let earlier = state.remove(origin, *id);
                if let Some(mut member) = Member::of_entry(origin, *id, body) {
                    state.share_texts(&mut member.key);
                    state.add(&Arc::new(member));
                }
                earlier.map(|earlier| earlier as Retired)
            }
            Change::Removed { origin, id, .. } => {
                let removed = state.remove(origin, *id);
                removed.map(|removed| removed as Retired)
            }
        }
    }
}
