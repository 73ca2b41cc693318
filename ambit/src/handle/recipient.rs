//! A narrow handle: one type of message to one process.

#[cfg(feature = "remote")]
use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::handle::message_sink::{MessageSink, TimedSink};
use crate::handle::process::Process;
use crate::handle::protocol::Message;
use crate::handle::sink::PlainMessage;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::cell::ProcessCell;
use crate::process::dead_letter::Undelivered;
use crate::process::offer::{Offer, Patience};
use crate::process::resolved::Resolved;
use crate::process::system_message::SystemMessage;
use crate::process::timer::{Action, TickOutcome, TimerShared};

/// A handle for messages of type `T` that hides the type of its process: a server with an `#[info]` method for `T`, or
/// a plain process with messages of type `T`. Cloning is cheap.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let recipient = sink.recipient();
///     recipient.send(1).await.unwrap();
///     assert_eq!(recipient.pid(), sink.pid());
/// }
/// ```
pub struct Recipient<T> {
    sink: Arc<dyn RecipientSink<T>>,
}

/// Adds the method `recipient()` to the subject of a plain process; the subject of a server already has one. The
/// prelude exports this trait.
///
/// A server has a recipient for each type that its `#[info]` methods accept, a plain process one for its message type.
/// The method has the same name on both, so the same code can create a recipient of either.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::agent::Agent;
/// struct Log(Agent<u32>);
/// #[gen_server]
/// impl Log {
///     #[info]
///     async fn line(&mut self, _line: String) { let _ = self.0.update(|lines| *lines += 1).await; }
/// }
/// #[ambit::main]
/// async fn main() {
///     let lines = Agent::start(|| 0).await.unwrap();
///     let log = Log(lines).start().await.unwrap();
///     let plain = ambit::spawn(|mut inbox: Inbox<String>| async move { inbox.recv().await; });
///     let all: [Recipient<String>; 2] = [log.recipient(), plain.recipient()];
///     for recipient in all { recipient.send("begun".into()).await.unwrap(); }
/// }
/// ```
pub trait PlainRecipient: sealed::Plain {
    /// Returns a [`Recipient`] for the messages of the process; `T` is the message type.
    fn recipient<T>(&self) -> Recipient<T>
    where
        Self::Message: Same<T>;
}

impl<M: Message> PlainRecipient for Subject<M> {
    fn recipient<T>(&self) -> Recipient<T>
    where
        M: Same<T>,
    {
        M::same(Recipient::of_plain(self))
    }
}

/// A bound that `Self` and `T` are the same type; it makes the type argument in `recipient::<T>()` optional. Never
/// implement it manually.
///
/// [`PlainRecipient`] has an example.
#[diagnostic::on_unimplemented(
    message = "a plain process with messages of type `{Self}` does not accept `{T}`",
    label = "this process accepts `{Self}`"
)]
pub trait Same<T>: Sized {
    #[doc(hidden)]
    fn same(recipient: Recipient<Self>) -> Recipient<T>;
}

impl<M> Same<M> for M {
    fn same(recipient: Recipient<M>) -> Recipient<M> {
        recipient
    }
}

mod sealed {
    use crate::handle::protocol::Message;
    use crate::handle::subject::Subject;

    /// Only the subject of a plain process.
    #[expect(unnameable_types, reason = "the private module seals the trait")]
    pub trait Plain {
        /// Its message type.
        type Message;
    }

    impl<M: Message> Plain for Subject<M> {
        type Message = M;
    }
}

/// The sink of a recipient, and its handle.
pub(crate) trait RecipientSink<T>: Send + Sync {
    fn open(&self) -> Option<Arc<dyn TimedSink<T>>>;
    fn process(&self) -> &Process;
    /// Returns the `Subject<T>` behind it, if it is one: that identifies it on other nodes.
    #[cfg(feature = "remote")]
    fn plain(&self) -> Option<&dyn Any> {
        None
    }
}

impl<M: Message> TimedSink<M> for ProcessCell<PlainMessage<M>> {
    fn timed(&self, timer: &Arc<TimerShared>, message: M) -> bool {
        self.push_timed(timer, PlainMessage(message))
    }

    fn item(&self, message: M) -> bool {
        self.push_system(SystemMessage::Item(PlainMessage(message)))
            .is_ok()
    }
}

/// The messages of a plain process.
struct PlainSink<M: Message>(Subject<M>);

impl<M: Message> RecipientSink<M> for PlainSink<M> {
    fn open(&self) -> Option<Arc<dyn TimedSink<M>>> {
        self.0.port()?.timed_sink()
    }

    fn process(&self) -> &Process {
        &self.0
    }

    #[cfg(feature = "remote")]
    fn plain(&self) -> Option<&dyn Any> {
        Some(&self.0)
    }
}

/// The resolved sink of one process.
struct ResolvedSink<T> {
    sink: Arc<dyn TimedSink<T>>,
    process: Process,
}

impl<T> RecipientSink<T> for ResolvedSink<T> {
    fn open(&self) -> Option<Arc<dyn TimedSink<T>>> {
        Some(self.sink.clone())
    }

    fn process(&self) -> &Process {
        &self.process
    }
}

impl<T: Send + 'static> Recipient<T> {
    /// Resolves the process now, regardless of its name later; faster for repeated sends.
    pub(crate) fn fixed(&self) -> Option<Self> {
        let sink = self.sink.open()?;
        let process = Process::fixed(sink.clone().process());
        Some(Self::behind(ResolvedSink { sink, process }))
    }

    #[doc(hidden)]
    pub fn __fixed(&self) -> Option<Self> {
        self.fixed()
    }

    pub(crate) fn behind(sink: impl RecipientSink<T> + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
        }
    }

    pub(crate) fn take(&self) -> Option<Arc<dyn MessageSink<T>>> {
        let open = self.sink.open()?;
        Some(open)
    }

    /// Sends a message whose sender cannot wait: without capacity it is a dead letter. Returns false without a process.
    pub(crate) fn deliver_or_dead_letter(&self, message: T) -> bool {
        let Some(sink) = self.take() else {
            return false;
        };
        match sink.offer(message, Patience::None) {
            Offer::Queued | Offer::Waiting(_) => true,
            Offer::Full(message) | Offer::Dropped(message) => {
                sink.dead_letter(message, Undelivered::Overflow);
                true
            }
            Offer::Closed(_) | Offer::Unsent(..) => false,
        }
    }

    /// Delivers a timer's message. If the name is not registered, or its process is ending, the message is a dead letter,
    /// and an interval continues.
    fn timed(&self, timer: &Arc<TimerShared>, message: T) -> TickOutcome {
        let Some(sink) = self.sink.open() else {
            timer.dead_letter(message);
            return TickOutcome::Done;
        };
        if sink.timed(timer, message) {
            TickOutcome::Queued
        } else if self.process().follows() {
            TickOutcome::Done
        } else {
            TickOutcome::NoReceiver
        }
    }

    /// Returns the action of a timer: it sends one message.
    pub(crate) fn once(self, message: T) -> Action {
        let mut message = Some(message);
        Box::new(move |timer| match message.take() {
            Some(message) => self.timed(timer, message),
            None => TickOutcome::NoReceiver,
        })
    }

    /// Returns the action of an interval: it sends a clone of its message each time.
    pub(crate) fn each(self, message: T) -> Action
    where
        T: Clone,
    {
        Box::new(move |timer| self.timed(timer, message.clone()))
    }

    /// Delivers a message that the process requested itself.
    pub(crate) fn item(&self, message: T) -> bool {
        self.sink.open().is_some_and(|sink| sink.item(message))
    }
}

impl<M: Message> Recipient<M> {
    pub(crate) fn of_plain(subject: &Subject<M>) -> Self {
        Self {
            sink: Arc::new(PlainSink(subject.clone())),
        }
    }

    /// Returns the plain process behind it, if it is one.
    #[cfg(feature = "remote")]
    pub(crate) fn plain(&self) -> Option<&Subject<M>> {
        self.sink.plain()?.downcast_ref()
    }
}

impl<T> Recipient<T> {
    /// Returns the pid of the receiving process. If the recipient follows a name, returns the pid of the process that
    /// is currently registered, or [`Pid::NOBODY`] if no process is.
    pub fn pid(&self) -> Pid {
        self.sink.process().pid()
    }

    /// Returns the untyped handle to the receiving process.
    pub fn process(&self) -> &Process {
        self.sink.process()
    }
}

impl<T> Target for Recipient<T> {
    fn __resolve(&self) -> Resolved {
        self.sink.process().resolve()
    }
}

impl<T> Clone for Recipient<T> {
    fn clone(&self) -> Self {
        Self {
            sink: self.sink.clone(),
        }
    }
}

impl<T> fmt::Debug for Recipient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({:?})", self.sink.process())
    }
}

impl<M: Message> Subject<M> {
    /// Like [`recipient`](crate::PlainRecipient::recipient), without a trait in scope.
    #[doc(hidden)]
    pub fn as_recipient(&self) -> Recipient<M> {
        Recipient::of_plain(self)
    }
}
