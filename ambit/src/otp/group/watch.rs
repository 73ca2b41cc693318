//! Monitors of groups: the current members, and every change from then on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use super::event::GroupEvent;
use super::monitor_outbox::Watch;
use super::{Group, Inner, Members};
use crate::handle::protocol::Protocol;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::signal::MonitorRef;

/// The handle to a monitor of one group or of a whole scope. Dropping the handle does not end the monitor. The monitor
/// ends with [`demonitor`](Self::demonitor), when the process that receives the events ends, or when its scope no
/// longer exists.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::group::{Group, GroupEvent};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<GroupEvent<u8>>) {
///     let group: Group<u8> = Group::new();
///     let (_members, monitor) = group.monitor("workers", inbox.recipient());
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     assert!(monitor.demonitor());
///     group.join("workers", &idle).unwrap();
///     assert!(!monitor.demonitor(), "it has ended already");
///     assert!(inbox.next_within(Duration::ZERO).await.is_none(), "no event comes");
/// }
/// ```
#[derive(Clone)]
pub struct GroupMonitor {
    scope: Weak<dyn Watched>,
    watch: Watch,
}

/// A scope, of any protocol.
trait Watched: Send + Sync {
    /// Ends a monitor; returns false if it has ended.
    fn unwatch(self: Arc<Self>, watch: Watch) -> bool;
}

impl<P: Protocol + ?Sized> Watched for Inner<P> {
    fn unwatch(self: Arc<Self>, watch: Watch) -> bool {
        let ended = self.change(|state| state.store.unwatch(watch));
        self.news.forget(&[watch]);
        ended
    }
}

impl GroupMonitor {
    /// Returns the reference of the monitor, which all its events carry.
    #[must_use]
    pub fn reference(&self) -> MonitorRef {
        self.watch.reference
    }

    /// Ends the monitor. Returns true if the monitor was active, and false if it had already ended. Once this method
    /// has returned, no further event is queued; events that are already in the mailbox stay there. (Erlang:
    /// `pg:demonitor/1`.)
    pub fn demonitor(&self) -> bool {
        let scope = self.scope.upgrade();
        scope.is_some_and(|scope| scope.unwatch(self.watch))
    }
}

impl fmt::Debug for GroupMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupMonitor")
            .field(&self.reference())
            .finish()
    }
}

impl<P: Protocol + ?Sized> Group<P> {
    /// Monitors the group `name`: returns its current members in join order, and sends every later change to
    /// `recipient` until the receiving process ends. Each change is delivered exactly once, even to a full mailbox. The
    /// group need not exist yet. Each call adds a monitor; the events carry its reference. (Erlang: `pg:monitor/1`.)
    ///
    /// If the receiving process has already ended, so has the returned monitor. If `recipient` follows a name, the
    /// process currently registered under that name receives the events.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::test::Probe;
    /// use ambit::group::{Group, GroupEvent};
    /// #[ambit::test]
    /// async fn a_join_is_seen() {
    ///     let group: Group<u8> = Group::new();
    ///     let mut watcher = Probe::<GroupEvent<u8>>::new();
    ///     let member = Probe::<u8>::new();
    ///     let (members, monitor) = group.monitor("workers", watcher.recipient());
    ///     assert!(members.is_empty());
    ///     group.join("workers", &member.subject()).unwrap();
    ///     let GroupEvent::Joined(change) = watcher.expect().await else { panic!("a join was expected") };
    ///     assert_eq!(change.members(), [member.subject()]);
    ///     assert!(monitor.demonitor());
    /// }
    /// # fn main() {}
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the same signature as the listener of a registry"
    )]
    pub fn monitor(
        &self,
        name: &str,
        recipient: Recipient<GroupEvent<P>>,
    ) -> (Vec<P::Subject>, GroupMonitor) {
        let (members, monitor) =
            self.watch(&recipient, Some(name), |store| members_of(store, name));
        (converted::<P>(members), monitor)
    }

    /// Monitors all groups of the scope like [`monitor`](Self::monitor), including groups that are created later.
    /// Returns the current members of each group by group name. (Erlang: `pg:monitor_scope/0`.)
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the same signature as the listener of a registry"
    )]
    pub fn monitor_scope(
        &self,
        recipient: Recipient<GroupEvent<P>>,
    ) -> (BTreeMap<String, Vec<P::Subject>>, GroupMonitor) {
        let (groups, monitor) = self.watch(&recipient, None, |store| {
            let names = store.groups();
            let groups = names.map(|name| (name.to_string(), members_of(store, name)));
            groups.collect::<Vec<_>>()
        });
        let groups = groups.into_iter();
        let groups = groups.map(|(name, members)| (name, converted::<P>(members)));
        (groups.collect(), monitor)
    }

    /// Reads the members and adds the monitor in one step, so that no change is lost in between.
    fn watch<L>(
        &self,
        recipient: &Recipient<GroupEvent<P>>,
        group: Option<&str>,
        look: impl FnOnce(&Members<P>) -> L,
    ) -> (L, GroupMonitor) {
        let reference = MonitorRef(recipient.process().resolve().system().next_ref());
        let listener = recipient.fixed();
        let process = listener.as_ref().and_then(|own| own.process().current());
        let watch = Watch {
            pid: process.as_ref().map_or(Pid::NOBODY, |own| own.core().pid),
            reference,
        };
        let seen = self.inner.change(|state| {
            let seen = look(&state.store);
            if let (Some(listener), Some(process)) = (listener, process)
                && self.inner.sees_the_end_of(&mut state.hooks, &process)
            {
                state.store.watch(watch, watch.pid, group);
                self.inner.news.listen(watch, listener);
            }
            seen
        });
        let inner: Weak<Inner<P>> = Arc::downgrade(&self.inner);
        let scope: Weak<dyn Watched> = inner;
        (seen, GroupMonitor { scope, watch })
    }
}

fn members_of<P: Protocol + ?Sized>(store: &Members<P>, name: &str) -> Vec<Subject<P>> {
    let members = store.members(name);
    let members = members.iter().flat_map(|row| row.iter());
    members.cloned().collect()
}

/// The conversion is user code, so it runs without the lock of the scope.
fn converted<P: Protocol + ?Sized>(members: Vec<Subject<P>>) -> Vec<P::Subject> {
    members.into_iter().map(Into::into).collect()
}
