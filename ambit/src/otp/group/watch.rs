//! Watching groups: who is in now, and every change from there on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use super::{Group, Inner, Members};
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::signal::MonitorRef;

/// A change of a group, as its monitors see it. (Erlang: `{Ref, join | leave, Group, Pids}`.)
///
/// The members that a monitor was given at first, with all events applied in their order, are the members of the group. Who
/// leaves may have been a member several times: each `Left` takes as many memberships back as it names.
pub enum GroupEvent<P: Protocol + ?Sized> {
    /// Processes have joined, in this order.
    Joined {
        /// The monitor that is told.
        monitor: MonitorRef,
        /// The group.
        group: String,
        /// Who has joined.
        members: Vec<P::Subject>,
    },
    /// Processes have left, or a member has ended.
    Left {
        /// The monitor that is told.
        monitor: MonitorRef,
        /// The group.
        group: String,
        /// Who has left.
        members: Vec<P::Subject>,
    },
}

impl<P: Protocol + ?Sized> GroupEvent<P> {
    /// The monitor that is told.
    pub fn monitor(&self) -> MonitorRef {
        let (Self::Joined { monitor, .. } | Self::Left { monitor, .. }) = self;
        *monitor
    }

    /// The group that has changed.
    pub fn group(&self) -> &str {
        let (Self::Joined { group, .. } | Self::Left { group, .. }) = self;
        group
    }

    /// Who has joined or left.
    pub fn members(&self) -> &[P::Subject] {
        let (Self::Joined { members, .. } | Self::Left { members, .. }) = self;
        members
    }
}

impl<P: Protocol + ?Sized> Message for GroupEvent<P> {}

impl<P: Protocol + ?Sized> Clone for GroupEvent<P> {
    fn clone(&self) -> Self {
        let (monitor, group) = (self.monitor(), self.group().to_owned());
        let members = self.members().to_vec();
        match self {
            Self::Joined { .. } => Self::Joined {
                monitor,
                group,
                members,
            },
            Self::Left { .. } => Self::Left {
                monitor,
                group,
                members,
            },
        }
    }
}

impl<P: Protocol + ?Sized> PartialEq for GroupEvent<P> {
    fn eq(&self, other: &Self) -> bool {
        let is_join = |event: &Self| matches!(event, Self::Joined { .. });
        let members = |event: &Self| event.members().iter().map(|m| m.as_ref().pid()).collect();
        let all: [Vec<_>; 2] = [members(self), members(other)];
        is_join(self) == is_join(other)
            && self.monitor() == other.monitor()
            && self.group() == other.group()
            && all[0] == all[1]
    }
}

impl<P: Protocol + ?Sized> Eq for GroupEvent<P> {}

impl<P: Protocol + ?Sized> fmt::Debug for GroupEvent<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Joined { .. } => "Joined",
            Self::Left { .. } => "Left",
        };
        f.debug_struct(name)
            .field("monitor", &self.monitor())
            .field("group", &self.group())
            .field("members", &self.members())
            .finish()
    }
}

/// Names a monitor beyond its system: refs are numbered in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Watch {
    pub(super) pid: Pid,
    pub(super) reference: MonitorRef,
}

/// A monitor of one group or of a whole scope. It ends with the process that is told, or by
/// [`demonitor`](Self::demonitor); dropping this handle does not end it.
pub struct GroupMonitor<P: Protocol + ?Sized> {
    scope: Weak<Inner<P>>,
    watch: Watch,
}

impl<P: Protocol + ?Sized> GroupMonitor<P> {
    /// What its events carry to tell it apart from others.
    pub fn reference(&self) -> MonitorRef {
        self.watch.reference
    }

    /// Ends the monitor: true the first time, false if it has ended. When it returns, no further event will be queued;
    /// one that already is stays. (Erlang: `pg:demonitor/1`.)
    pub fn demonitor(&self) -> bool {
        let Some(scope) = self.scope.upgrade() else {
            return false;
        };
        let ended = scope.state.write().store.unwatch(self.watch);
        scope.news.forget(&[self.watch]);
        ended
    }
}

impl<P: Protocol + ?Sized> Clone for GroupMonitor<P> {
    fn clone(&self) -> Self {
        Self {
            scope: self.scope.clone(),
            watch: self.watch,
        }
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for GroupMonitor<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupMonitor").field(&self.reference()).finish()
    }
}

impl<P: Protocol + ?Sized> Group<P> {
    /// Gives the members of a group, and tells `recipient` of every change from there on, until its process ends: none
    /// is missing, none comes twice, and they need no room in its mailbox. The group need not exist. Monitors stack;
    /// their events tell them apart. (Erlang: `pg:monitor/1`.)
    ///
    /// Of a recipient whose process has ended the monitor has ended too.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::test::Probe;
    /// use ambit::{Group, GroupEvent};
    /// #[ambit::test]
    /// async fn a_join_is_seen() {
    ///     let group: Group<u8> = Group::new();
    ///     let mut watcher = Probe::<GroupEvent<u8>>::new();
    ///     let member = Probe::<u8>::new();
    ///     let (members, monitor) = group.monitor("workers", watcher.recipient());
    ///     assert!(members.is_empty());
    ///     group.join("workers", &member.subject()).unwrap();
    ///     let event = watcher.expect().await;
    ///     assert_eq!(event.members(), [member.subject()]);
    ///     assert!(monitor.demonitor());
    /// }
    /// # fn main() {}
    /// ```
    pub fn monitor(
        &self,
        name: &str,
        recipient: Recipient<GroupEvent<P>>,
    ) -> (Vec<P::Subject>, GroupMonitor<P>) {
        self.watch(&recipient, Some(name), |store| members_of(store, name))
    }

    /// As [`monitor`](Self::monitor), for all groups of the scope, also those to come. (Erlang: `pg:monitor_scope/0`.)
    pub fn monitor_scope(
        &self,
        recipient: Recipient<GroupEvent<P>>,
    ) -> (BTreeMap<String, Vec<P::Subject>>, GroupMonitor<P>) {
        self.watch(&recipient, None, |store| {
            let groups = store.groups();
            groups
                .map(|name| (name.to_string(), members_of(store, name)))
                .collect()
        })
    }

    /// Looks and begins to watch in one step, so that nothing happens between the two.
    fn watch<L>(
        &self,
        recipient: &Recipient<GroupEvent<P>>,
        group: Option<&str>,
        look: impl FnOnce(&Members<P>) -> L,
    ) -> (L, GroupMonitor<P>) {
        let reference = MonitorRef(recipient.process().resolve().world().next_ref());
        let listener = recipient.fixed();
        let process = listener.as_ref().and_then(|own| own.process().current());
        let watch = Watch {
            pid: process.as_ref().map_or(Pid::NOBODY, |own| own.core().pid),
            reference,
        };
        let mut state = self.inner.state.write();
        let seen = look(&state.store);
        if let (Some(listener), Some(process)) = (listener, process)
            && self.inner.sees_the_end_of(&state.store, &process)
        {
            state.store.watch(watch, watch.pid, group);
            self.inner.news.listen(watch, listener);
        }
        let scope = Arc::downgrade(&self.inner);
        (seen, GroupMonitor { scope, watch })
    }
}

fn members_of<P: Protocol + ?Sized>(store: &Members<P>, name: &str) -> Vec<P::Subject> {
    let members = store.members(name);
    let members = members.iter().flat_map(|row| row.iter());
    members.map(|member| member.clone().into()).collect()
}
