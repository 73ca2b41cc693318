//! Handles reports of the membership.

use std::time::Duration;

use crate::node::id::{NodeId, NodeName};
use crate::replica::log::Log;
use crate::replica::members::Member;
use crate::replica::origin::Origin;
use crate::replica::store::Store;
use crate::replica::transfer;

impl Store {
    /// Handles the renewal of this node's membership after a false report.
    pub(crate) fn renewed(&mut self, renewal: u32) {
        self.own.renewal = self.own.renewal.max(renewal);
    }

    /// Handles the report that a node is a member. Reports arrive in order, so a node that is down or dropped has
    /// returned even if its renewal is the same: the membership has forgotten it in the meantime, so it never renewed.
    pub(crate) fn member_up(&mut self, now: Duration, origin: Origin) {
        let id = origin.id.clone();
        let name = id.name.clone();
        if name == self.own.id.name || self.dropped.has_ended(&origin) {
            return;
        }
        match self.members.all.get_mut(&name) {
            Some(member) if member.origin.id == origin.id => {
                let renewal = member.origin.renewal;
                if renewal > origin.renewal || renewal == origin.renewal && member.is_up() {
                    return;
                }
                member.origin = origin;
                if let Some(end) = member.hidden_until.take() {
                    self.members.graces.remove(&(end, name.clone()));
                    let shown = transfer::appearance(&member.origin.id, &member.log);
                    self.changes.extend(shown);
                }
            }
            Some(member) if member.origin.id > origin.id => return,
            Some(_) => {
                self.drop_member(&name, true);
                self.add_member(origin);
            }
            None => self.add_member(origin),
        }
        self.no_longer_returns(&id);
        self.refresh(now, &name);
        self.pull_from_itself(now, &name);
    }

    /// Handles the report that a member is down, or that it has left if `is_graceful` is true.
    pub(crate) fn member_down(&mut self, now: Duration, origin: &Origin, is_graceful: bool) {
        let name = &origin.id.name;
        if *name == self.own.id.name {
            return;
        }
        match self.members.all.get_mut(name) {
            Some(member) if member.origin.id == origin.id => {
                if is_graceful {
                    self.drop_member(name, true);
                } else if member.origin.renewal <= origin.renewal {
                    member.origin.renewal = origin.renewal;
                    self.hide(now, name);
                }
            }
            Some(member) if member.origin.id > origin.id => return,
            earlier => {
                if earlier.is_some() {
                    self.drop_member(name, true);
                }
                self.remember(origin.clone(), is_graceful);
            }
        }
        self.no_longer_returns(&origin.id);
        self.refresh(now, name);
        self.report_acknowledged();
        self.forget_if_alone();
    }

    /// Drops the entries of all other nodes, because this node has left them.
    pub(crate) fn forget_members(&mut self, now: Duration) {
        let names: Vec<NodeName> = self.members.all.keys().cloned().collect();
        for name in names {
            self.drop_member(&name, true);
            if let Some(peer) = self.peers.get_mut(&name) {
                peer.is_returning = false;
            }
            self.refresh(now, &name);
        }
    }

    /// Handles a report about an incarnation: the membership knows its session now.
    fn no_longer_returns(&mut self, id: &NodeId) {
        let peer = self.peers.get_mut(&id.name);
        if let Some(peer) = peer.filter(|peer| peer.id <= *id) {
            peer.is_returning = false;
        }
    }

    fn add_member(&mut self, origin: Origin) {
        let name = origin.id.name.clone();
        let member = Member {
            origin,
            hidden_until: None,
            log: Log::new(self.limits.tombstones),
            transfer: None,
            ask_after: Duration::ZERO,
            exceeds_limits: false,
        };
        self.members.all.insert(name, member);
    }

    /// Hides the entries of a member that is down.
    fn hide(&mut self, now: Duration, name: &NodeName) {
        let Some(member) = self.members.all.get_mut(name) else {
            return;
        };
        if member.hidden_until.is_some() {
            return;
        }
        let end = now.saturating_add(self.settings.grace);
        member.hidden_until = Some(end);
        if !member.awaits(name) {
            member.transfer = None;
        }
        let hidden = transfer::disappearance(&member.origin.id, &member.log);
        self.changes.extend(hidden);
        self.members.graces.insert((end, name.clone()));
    }

    /// Drops the entries of a node. Later reports of earlier renewals are ignored, and of the same one if the
    /// incarnation has ended. A later renewal shows that the report of the end was false.
    fn drop_member(&mut self, name: &NodeName, has_ended: bool) {
        let Some(member) = self.members.all.remove(name) else {
            return;
        };
        if let Some(end) = member.hidden_until {
            self.members.graces.remove(&(end, name.clone()));
        } else {
            let hidden = transfer::disappearance(&member.origin.id, &member.log);
            self.changes.extend(hidden);
        }
        self.remember(member.origin, has_ended);
    }

    fn remember(&mut self, mut origin: Origin, has_ended: bool) {
        if has_ended {
            origin.renewal = origin.renewal.saturating_add(1);
        }
        self.dropped.add(origin, has_ended);
    }

    /// Drops the members whose grace has ended.
    pub(super) fn end_graces(&mut self, now: Duration) {
        while let Some((end, name)) = self.members.graces.first().cloned() {
            if end > now {
                return;
            }
            self.drop_member(&name, false);
            self.refresh(now, &name);
            self.forget_if_alone();
        }
    }
}
