//! Monitors of groups: a task per monitor decodes the changes and sends them to a process.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::Poll;

use ambit::message::Remote;
use ambit::server::{Recipient, Subject};
use parking_lot::ReentrantMutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::event::{ClusterGroupChange, ClusterGroupEvent};
use super::index::{GroupIndex, MemberChange, Observed};
use super::member::Member;
use super::state::ClusterGroups;
use crate::node::id::NodeId;
use crate::replica::change::EntryId;
use crate::replication::shared::Replication;
use crate::transport::BoxFuture;

/// A handle for a monitor of one group of the cluster or of a whole scope, from
/// [`Groups::monitor`](crate::Groups::monitor). Dropping the handle does not end the monitor: it ends with
/// [`demonitor`](Self::demonitor), with the process that receives the events, or with the node.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::ClusterGroupEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<ClusterGroupEvent<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let worker = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let (_members, monitor) = node.groups().monitor("workers", inbox.recipient());
/// node.groups().join("workers", &worker)?;
/// assert!(matches!(inbox.recv().await, Some(ClusterGroupEvent::Joined(_))));
/// assert!(monitor.demonitor());
/// assert!(!monitor.demonitor(), "the monitor has already ended");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClusterGroupMonitor {
    index: Weak<GroupIndex>,
    observed: Observed,
    number: u64,
    sending: Weak<SharedSending>,
}

/// Locked while the event is polled, so that another thread cannot end the monitor meanwhile; the poll itself runs user
/// code, which may end it.
type SharedSending = ReentrantMutex<RefCell<Sending>>;

/// The event that is being sent.
struct Sending {
    event: Option<BoxFuture<'static, bool>>,
    has_ended: bool,
}

impl ClusterGroupMonitor {
    /// Ends the monitor. Returns true, or false if the monitor has already ended. After the return, no further event
    /// reaches the mailbox, except the one whose delivery calls this method, for example in a dead-letter listener.
    /// Events that are already in the mailbox stay there. (Erlang: `pg:demonitor/1`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn demonitor(&self) -> bool {
        let index = self.index.upgrade();
        let ended = index.is_some_and(|index| index.demonitor(&self.observed, self.number));
        let event = self.sending.upgrade().and_then(|sending| {
            let sending = sending.lock();
            let mut sending = sending.borrow_mut();
            sending.has_ended = true;
            sending.event.take()
        });
        drop(event);
        ended
    }
}

impl fmt::Debug for ClusterGroupMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClusterGroupMonitor")
            .field(&self.number)
            .finish()
    }
}

/// The members that a monitor has seen first, by group.
pub(super) type Seen<P> = BTreeMap<String, Vec<Subject<P>>>;

/// Starts a monitor. Returns the current members by group.
pub(super) fn start<P: Remote + ?Sized>(
    groups: &ClusterGroups,
    observed: Observed,
    recipient: Recipient<ClusterGroupEvent<P>>,
) -> (Seen<P>, ClusterGroupMonitor) {
    let (changes, receiver) = unbounded_channel();
    let own = groups.replication.node_context.id().clone();
    let (number, members) = groups.index.monitor(&observed, changes, &own);
    let sending = Arc::new(SharedSending::new(RefCell::new(Sending {
        event: None,
        has_ended: false,
    })));
    let monitor = ClusterGroupMonitor {
        index: Arc::downgrade(&groups.index),
        observed,
        number,
        sending: Arc::downgrade(&sending),
    };
    let mut task = MonitorTask {
        replication: Arc::downgrade(&groups.replication),
        // The recipient may follow a name: the process that has it now receives the events.
        recipient: recipient.__fixed().unwrap_or(recipient),
        sending,
        shown: BTreeSet::new(),
    };
    let mut seen = Seen::<P>::new();
    for member in members {
        if let Some(subject) = member.subject::<P>(&groups.replication) {
            task.shown.insert((member.origin.clone(), member.id));
            let name = member.key.name.to_string();
            seen.entry(name).or_default().push(subject);
        }
    }
    let (handle, ended) = (monitor.clone(), groups.replication.ended());
    groups.runtime.spawn(async move {
        task.run(receiver, ended).await;
        handle.demonitor();
    });
    (seen, monitor)
}

struct MonitorTask<P: Remote + ?Sized> {
    /// Weak, because the tables hold the index, which holds the sender of the changes.
    replication: Weak<Replication>,
    recipient: Recipient<ClusterGroupEvent<P>>,
    sending: Arc<SharedSending>,
    /// The memberships that the process knows. One whose handle could not be read is not reported at all.
    shown: BTreeSet<(NodeId, EntryId)>,
}

impl<P: Remote + ?Sized> MonitorTask<P> {
    /// Runs until the monitor or its process ends, or the node has ended and the process has received the last changes.
    async fn run(
        &mut self,
        mut changes: UnboundedReceiver<MemberChange>,
        ended: impl Future<Output = ()>,
    ) {
        let process = self.recipient.process().clone();
        let closed = process.closed();
        tokio::pin!(closed, ended);
        loop {
            let change = tokio::select! {
                biased;
                _ = &mut closed => return,
                change = changes.recv() => change,
                // After the last changes.
                () = &mut ended => return,
            };
            let Some(event) = change.map(|change| self.event(&change)) else {
                return;
            };
            let Some(event) = event else { continue };
            let is_sent = tokio::select! {
                biased;
                _ = &mut closed => return,
                is_sent = self.send(event) => is_sent,
            };
            if !is_sent {
                return;
            }
        }
    }

    fn event(&mut self, change: &MemberChange) -> Option<ClusterGroupEvent<P>> {
        let member: &Member = &change.member;
        let key = (member.origin.clone(), member.id);
        if !change.has_joined && !self.shown.remove(&key) {
            return None;
        }
        let subject = member.subject::<P>(&*self.replication.upgrade()?)?;
        let reported =
            ClusterGroupChange::new(member.key.name.clone(), member.origin.clone(), subject);
        if change.has_joined {
            self.shown.insert(key);
            return Some(ClusterGroupEvent::Joined(reported));
        }
        Some(ClusterGroupEvent::Left(reported))
    }

    /// Sends an event, and waits for capacity. Returns false if the monitor or its process has ended.
    fn send(&self, event: ClusterGroupEvent<P>) -> impl Future<Output = bool> + use<P> {
        let (recipient, sending) = (self.recipient.clone(), self.sending.clone());
        let event: BoxFuture<'static, bool> =
            Box::pin(async move { recipient.send(event).no_timeout().await.is_ok() });
        sending.lock().borrow_mut().event = Some(event);
        std::future::poll_fn(move |cx| {
            let sending = sending.lock();
            let (event, has_ended) = {
                let mut state = sending.borrow_mut();
                (state.event.take(), state.has_ended)
            };
            let Some(mut event) = event.filter(|_| !has_ended) else {
                return Poll::Ready(false);
            };
            let sent = Pin::new(&mut event).poll(cx);
            if sent.is_pending() {
                let mut state = sending.borrow_mut();
                // Its delivery has ended the monitor: the event is dropped.
                if state.has_ended {
                    return Poll::Ready(false);
                }
                state.event = Some(event);
            }
            sent
        })
    }
}

impl<P: Remote + ?Sized> fmt::Debug for MonitorTask<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorTask").finish_non_exhaustive()
    }
}
