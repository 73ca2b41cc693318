//! Reports the changes of members, and requests dials.

use std::collections::BTreeSet;
use std::time::Duration;

use foca::State;

use crate::membership::core::{Action, Core, Record};
use crate::membership::event::MemberLoss;
use crate::membership::frame::{self, GoneMember};
use crate::node::id::NodeName;

/// How long the node with the greater name waits for the other to dial.
const DIAL_DELAY: Duration = Duration::from_secs(2);

impl Core {
    /// Reports what a call of the protocol has changed. `found` is true if this node found it by its own probes.
    pub(super) fn settle(&mut self, now: Duration, found: bool) {
        let Some(swim) = &mut self.swim else {
            return;
        };
        let effects = swim.take_effects();
        for (to, packet) in effects.sends {
            // A packet to a member without a session is lost, as any packet may be.
            if self.sessions.contains_key(&to.id.name) {
                let frame = frame::packet(&packet);
                let to = to.id.name;
                self.actions.push(Action::Send { to, frame });
            }
        }
        if effects.is_renewed {
            // Nodes that count the earlier identity as down send it no packets, and read none of it.
            let own = foca::Member::alive(swim.own().clone());
            let frames = frame::state(std::iter::once(&own));
            for to in self.sessions.keys().cloned() {
                let frames = frames.clone();
                self.actions.push(Action::SendState { to, frames });
            }
        }
        let touched: BTreeSet<NodeName> = effects.touched.into_iter().collect();
        let mut lost = Vec::new();
        for name in touched {
            lost.extend(self.report(&name));
            self.forget_unknown(&name);
            self.want(now, &name);
        }
        if found && !lost.is_empty() {
            self.announce_gone(&lost);
        }
        self.forget_surplus(now);
    }

    /// Forgets members that are down while more are known than the limit: first those that are not dialled and that all
    /// nodes know to be gone, and the longest gone first. Their end has been reported. The cost of each is the number of
    /// those that are down.
    fn forget_surplus(&mut self, now: Duration) {
        let (records, refused) = (&self.records, &self.refused);
        let is_dialled = |name: &NodeName| {
            let record = records.get(name);
            record.is_some_and(|record| !record.has_left) && !refused.contains(name)
        };
        let mut forgotten = Vec::new();
        while let Some(swim) = &mut self.swim
            && swim.members().len() > self.settings.max_members
            && let Some(name) = swim.forget_longest_gone(now, is_dialled)
        {
            forgotten.push(name);
        }
        for name in forgotten {
            self.forget_unknown(&name);
        }
    }

    /// Compares a member with its record, and reports the difference. Returns a member that has been lost.
    fn report(&mut self, name: &NodeName) -> Option<GoneMember> {
        let member = self.swim.as_ref()?.member(name)?;
        let (id, is_up) = (member.id().clone(), member.state() != State::Down);
        let earlier = self.records.get(name).cloned();
        let was_up = earlier.filter(|record| record.is_up);
        let mut has_left = false;
        let mut lost = None;
        match &was_up {
            Some(record) if record.id.id == id.id && is_up => {
                if record.id.renewal != id.renewal {
                    self.actions.push(Action::Renewed(id.clone()));
                }
            }
            Some(record) => {
                has_left = record.has_left;
                let reason = if record.id.id != id.id {
                    MemberLoss::Restarted
                } else if has_left {
                    MemberLoss::Left
                } else if self.refused.contains(name) {
                    MemberLoss::Refused
                } else {
                    MemberLoss::Lost
                };
                self.actions.push(Action::Down(record.id.clone(), reason));
                if reason == MemberLoss::Lost {
                    let id = id.clone();
                    lost = Some(GoneMember { id, has_left });
                }
                if is_up {
                    self.actions.push(Action::Up(id.clone()));
                }
            }
            None if is_up => self.actions.push(Action::Up(id.clone())),
            // Members that were never up are not remembered.
            None => {
                if let Some(record) = self.records.get_mut(name) {
                    record.id = id;
                }
                return None;
            }
        }
        let has_left = has_left && !is_up;
        let record = Record {
            id,
            is_up,
            has_left,
        };
        self.records.insert(name.clone(), record);
        lost
    }

    /// Schedules a dial of a member without a session. The node with the smaller name dials at once, the other one
    /// later, in case only that one can.
    pub(super) fn want(&mut self, now: Duration, name: &NodeName) {
        let Some(swim) = &self.swim else {
            return;
        };
        let Some(record) = self.records.get(name) else {
            return;
        };
        if record.has_left || self.refused.contains(name) {
            self.dials.remove(name);
            self.actions.push(Action::Forget(name.clone()));
        } else if !self.sessions.contains_key(name) && !self.dials.contains_key(name) {
            let delay = match swim.own().id.name < *name {
                true => Duration::ZERO,
                false => DIAL_DELAY,
            };
            self.dials.insert(name.clone(), now + delay);
        }
    }

    /// Forgets a member that the protocol has forgotten.
    fn forget_unknown(&mut self, name: &NodeName) {
        let is_known = self
            .swim
            .as_ref()
            .is_some_and(|swim| swim.member(name).is_some());
        if is_known {
            return;
        }
        if self.learned.remove(name).is_some() {
            self.actions.push(Action::Forgotten(name.clone()));
        }
        let Some(record) = self.records.remove(name) else {
            return;
        };
        self.is_cut_off |= !record.has_left && self.sessions.is_empty();
        self.refused_ids.remove(name);
        self.dials.remove(name);
        self.actions.push(Action::Forget(name.clone()));
    }
}
