//! The events of monitors of groups.
//!
//! A server may monitor groups of its own type. So nothing here requires that `P` is a protocol before its members are
//! read: whether it is one depends on its infos.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::handle::protocol::{Message, Protocol};
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::signal::MonitorRef;

/// A change of a group, sent to its monitors. (Erlang: `{Ref, join | leave, Group, Pids}`.)
///
/// Applying all events in order to the members that the monitor returned initially gives the current members of the
/// group. `Joined` appends members. `Left` removes the newest membership of a process once for each time that the event
/// lists its pid. The end of a process with more than 512 memberships of the group gives several events.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::group::{Group, GroupEvent};
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<GroupEvent<u8>>) {
///     let group: Group<u8> = Group::new();
///     let (_members, _monitor) = group.monitor("workers", inbox.recipient());
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     group.join("workers", &idle).unwrap();
///     assert!(matches!(inbox.recv().await, Some(GroupEvent::Joined(_))));
///     group.leave("workers", &idle).unwrap();
///     assert!(matches!(inbox.recv().await, Some(GroupEvent::Left(_))));
/// }
/// ```
pub enum GroupEvent<P: ?Sized> {
    /// Processes have joined the group.
    Joined(GroupChange<P>),
    /// Processes have left the group, or have ended.
    Left(GroupChange<P>),
}

/// The processes that joined or left a group.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::group::{Group, GroupEvent};
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<GroupEvent<u8>>) {
///     let group: Group<u8> = Group::new();
///     let (_members, monitor) = group.monitor("workers", inbox.recipient());
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     group.join("workers", &idle).unwrap();
///     let event = inbox.recv().await.unwrap();
///     let change = event.change();
///     assert_eq!((change.group(), change.monitor()), ("workers", monitor.reference()));
///     assert_eq!((change.pids(), change.members()), (&[idle.pid()][..], vec![idle]));
/// }
/// ```
pub struct GroupChange<P: ?Sized> {
    monitor: MonitorRef,
    group: Arc<str>,
    pids: Arc<[Pid]>,
    /// The `[Subject<P>]`, shared by all monitors.
    members: Arc<dyn Any + Send + Sync>,
    protocol: PhantomData<fn(&P)>,
}

impl<P: ?Sized> GroupEvent<P> {
    /// Returns the change that a `Joined` or `Left` event carries.
    pub fn change(&self) -> &GroupChange<P> {
        match self {
            Self::Joined(change) | Self::Left(change) => change,
        }
    }
}

impl<P: ?Sized> GroupChange<P> {
    /// Returns the reference of the monitor that this event belongs to.
    pub fn monitor(&self) -> MonitorRef {
        self.monitor
    }

    /// Returns the name of the group that has changed.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns the pids of the processes that joined or left, in join order; never empty. A pid that appears several
    /// times has gained or lost that many memberships.
    pub fn pids(&self) -> &[Pid] {
        &self.pids
    }
}

impl<P: Protocol + ?Sized> GroupChange<P> {
    /// Creates a change of `members`, without a monitor.
    pub(super) fn new(group: Arc<str>, members: Vec<Subject<P>>) -> Self {
        Self {
            monitor: MonitorRef(0),
            group,
            pids: members.iter().map(|member| member.pid()).collect(),
            members: Arc::new(members),
            protocol: PhantomData,
        }
    }

    /// Returns the same change for a monitor.
    pub(super) fn notified_to(&self, monitor: MonitorRef) -> Self {
        Self {
            monitor,
            ..self.clone()
        }
    }

    /// Returns the handles to the processes that joined or left, in the order of [`pids`](Self::pids).
    #[must_use]
    pub fn members(&self) -> Vec<P::Subject> {
        let members = self.members.downcast_ref::<Vec<Subject<P>>>();
        let members = members.into_iter().flatten();
        members.map(|member| member.clone().into()).collect()
    }
}

impl<P: ?Sized + 'static> Message for GroupEvent<P> {}

impl<P: ?Sized> Clone for GroupEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Joined(change) => Self::Joined(change.clone()),
            Self::Left(change) => Self::Left(change.clone()),
        }
    }
}

impl<P: ?Sized> Clone for GroupChange<P> {
    fn clone(&self) -> Self {
        Self {
            monitor: self.monitor,
            group: self.group.clone(),
            pids: self.pids.clone(),
            members: self.members.clone(),
            protocol: PhantomData,
        }
    }
}

impl<P: ?Sized> fmt::Debug for GroupEvent<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined(change) => f.debug_tuple("Joined").field(change).finish(),
            Self::Left(change) => f.debug_tuple("Left").field(change).finish(),
        }
    }
}

impl<P: ?Sized> fmt::Debug for GroupChange<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupChange")
            .field("monitor", &self.monitor)
            .field("group", &self.group)
            .field("pids", &self.pids)
            .finish()
    }
}
