//! The events of a plain process, and the entries of its queue that they come from.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::engine::mailbox::{QueueEntry, QueuedMessage};
use crate::exit_reason::ExitReason;
use crate::handle::sink::PlainMessage;
use crate::process::queue_scan::Choice;
use crate::process::queued_signals::QueuedSignal;
use crate::process::system_message::SystemMessage;
use crate::process::timer::TimerShared;
use crate::signal::{Down, Exit};

/// An event in an inbox.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     inbox.subject().send(7).await.unwrap();
///     match inbox.next().await {
///         InboxEvent::Message(n) => assert_eq!(n, 7),
///         InboxEvent::Exit(exit) => panic!("no exit is trapped here: {exit:?}"),
///         InboxEvent::Down(down) => panic!("nothing is monitored here: {down:?}"),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboxEvent<M> {
    /// A message.
    Message(M),
    /// A trapped exit signal.
    Exit(Exit),
    /// The end of a monitored process.
    Down(Down),
}

/// An entry of the queue of a plain process.
type Queued<M> = QueueEntry<PlainMessage<M>, SystemMessage<PlainMessage<M>>>;

/// An entry that was taken from the queue.
pub(super) enum TakenEvent<M> {
    Event(InboxEvent<M>),
    Stop(ExitReason),
}

pub(super) fn is_message<M>(entry: &Queued<M>) -> bool {
    !matches!(
        entry,
        QueueEntry::System(SystemMessage::Exit(_) | SystemMessage::Down(_))
    )
}

/// Takes the entry if `wanted` accepts it, or returns it unchanged.
pub(super) fn choose<M>(
    entry: Queued<M>,
    wanted: &mut impl FnMut(&InboxEvent<M>) -> bool,
) -> Choice<TakenEvent<M>, PlainMessage<M>> {
    let (event, kept) = match entry.open() {
        Ok(envelope) => (InboxEvent::Message(envelope.item.0), QueuedEvent::User),
        Err(SystemMessage::Item(item)) => (InboxEvent::Message(item.0), QueuedEvent::Item),
        Err(SystemMessage::Timed(timer, item)) => {
            (InboxEvent::Message(item.0), QueuedEvent::Timed(timer))
        }
        Err(SystemMessage::Exit(exit)) => {
            let (exit, count) = exit.split();
            (InboxEvent::Exit(exit), QueuedEvent::Exit(count))
        }
        Err(SystemMessage::Down(down)) => (InboxEvent::Down(*down), QueuedEvent::Item),
        Err(SystemMessage::Stop(reason)) => {
            return Choice::Take(TakenEvent::Stop(reason.take()));
        }
    };
    // The event would end with a panic, and with it the interval of a timer, which waits until its message is taken.
    let panic = match catch_unwind(AssertUnwindSafe(|| wanted(&event))) {
        Ok(true) => return Choice::Take(TakenEvent::Event(event)),
        Ok(false) => None,
        Err(payload) => Some(payload),
    };
    let entry = match (event, kept) {
        (InboxEvent::Exit(exit), kept) => {
            let exit = match kept {
                QueuedEvent::Exit(count) => count.with(exit),
                _ => QueuedSignal::uncounted(exit),
            };
            QueueEntry::System(SystemMessage::Exit(Box::new(exit)))
        }
        (InboxEvent::Down(down), _) => QueueEntry::System(SystemMessage::Down(Box::new(down))),
        (InboxEvent::Message(message), QueuedEvent::User) => {
            QueuedMessage::plain(PlainMessage(message)).into()
        }
        (InboxEvent::Message(message), QueuedEvent::Item | QueuedEvent::Exit(_)) => {
            QueueEntry::System(SystemMessage::Item(PlainMessage(message)))
        }
        (InboxEvent::Message(message), QueuedEvent::Timed(timer)) => {
            QueueEntry::System(SystemMessage::Timed(timer, PlainMessage(message)))
        }
    };
    match panic {
        None => Choice::Leave(entry),
        Some(payload) => Choice::Panic(entry, payload),
    }
}

/// The kind of queue entry that an event came from.
enum QueuedEvent {
    User,
    Item,
    Timed(Arc<TimerShared>),
    Exit(QueuedSignal<()>),
}

pub(super) fn take<M>(entry: Queued<M>) -> TakenEvent<M> {
    match entry.open() {
        Ok(envelope) => TakenEvent::Event(InboxEvent::Message(envelope.item.0)),
        Err(SystemMessage::Item(item) | SystemMessage::Timed(_, item)) => {
            TakenEvent::Event(InboxEvent::Message(item.0))
        }
        Err(SystemMessage::Exit(exit)) => TakenEvent::Event(InboxEvent::Exit(exit.take())),
        Err(SystemMessage::Down(down)) => TakenEvent::Event(InboxEvent::Down(*down)),
        Err(SystemMessage::Stop(reason)) => TakenEvent::Stop(reason.take()),
    }
}
