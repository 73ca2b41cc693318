//! A place in a mailbox, taken before there is a message for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::reply::{self, ReplyTo};
use crate::engine::ticket::{Outcome, Ticket};
use crate::error::{CallError, CastError};
use crate::handle::call::{DEFAULT_TIMEOUT, To};
use crate::handle::pending::{Pending, Watch};
use crate::handle::port::{Port, Take};
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::process::core::ProcRef;
use crate::process::current;
use crate::process::dead_letter::Undelivered;
use crate::process::place::Place;
use crate::rt::FAR;

/// Waits for a place in the mailbox: at most 5 s unless [`timeout`](Self::timeout) says otherwise.
///
/// # Errors
/// `NoProcess`, `Timeout`; `Full` for a process that asks for a place in its own full mailbox.
///
/// # Cancel safety
/// Dropping it gives the place, or the wait for it, back.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let permit = sink.reserve().await.unwrap();
///     permit.send(1);
/// }
/// ```
#[must_use = "a reservation does nothing until it is awaited"]
pub struct Reserve<'a, P: Protocol + ?Sized> {
    subject: To<'a, P>,
    timeout: Duration,
    wait: Option<(Arc<dyn Port<P>>, Wait)>,
}

/// A place to come, whatever is sent in it.
pub(crate) struct Wait {
    process: ProcRef,
    place: Place,
    /// What became of it has been told.
    settled: bool,
}

impl Wait {
    pub(crate) fn begin(process: ProcRef, timeout: Duration) -> Result<Self, CastError> {
        let ticket = Arc::new(Ticket::default());
        let id = process.reserve(&ticket).ok_or(CastError::NoProcess)?;
        // A process never waits for room in its own mailbox: only itself could make some.
        if current::pid() == process.core().pid && process.withdraw(id) {
            return Err(CastError::Full);
        }
        let at = process.core().world.after(timeout);
        let place = Place::keep(process.clone(), id, ticket, at);
        Ok(Self {
            process,
            place,
            settled: false,
        })
    }

    /// Whoever is told that there is a place gives it back.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<(), CastError>> {
        let outcome = std::task::ready!(self.place.poll(cx));
        self.settled = true;
        Poll::Ready(match outcome {
            Outcome::Admitted => Ok(()),
            Outcome::Closed => Err(CastError::NoProcess),
            Outcome::Expired => Err(CastError::Timeout),
            Outcome::Lost => Err(CastError::NoConnection),
        })
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        // What was given between the last poll and now goes back.
        if !self.settled && !self.place.leave() {
            self.process.release();
        }
    }
}

impl<'a, P: Protocol + ?Sized> Reserve<'a, P> {
    pub(crate) fn new(subject: &'a Subject<P>) -> Self {
        Self {
            subject: To::Borrowed(subject),
            timeout: subject.timeout().unwrap_or(DEFAULT_TIMEOUT),
            wait: None,
        }
    }

    /// The same reservation, owning its handle: `'static`.
    pub fn into_owned(self) -> Reserve<'static, P> {
        Reserve {
            subject: To::Owned(self.subject.clone()),
            timeout: self.timeout,
            wait: self.wait,
        }
    }

    /// How long to wait for a place.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits for a place as long as it takes.
    pub fn no_timeout(self) -> Self {
        self.timeout(FAR)
    }

    fn begin(&self) -> Result<(Arc<dyn Port<P>>, Wait), CastError> {
        let port = self.subject.port().ok_or(CastError::NoProcess)?;
        let wait = Wait::begin(port.clone(), self.timeout)?;
        Ok((port, wait))
    }
}

impl<P: Protocol + ?Sized> Future for Reserve<'_, P> {
    type Output = Result<Permit<P>, CastError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.wait.is_none() {
            this.wait = Some(this.begin()?);
        }
        let Some((port, wait)) = &mut this.wait else {
            return Poll::Pending;
        };
        let outcome = std::task::ready!(wait.poll(cx));
        let port = port.clone();
        this.wait = None;
        Poll::Ready(outcome.map(|()| Permit {
            port: Some(port),
            timeout: this.subject.timeout().unwrap_or(DEFAULT_TIMEOUT),
        }))
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Reserve<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("subject", &*self.subject)
            .finish_non_exhaustive()
    }
}

/// Reserved capacity for one message. Dropping it gives the capacity back.
///
/// Its message is accepted for certain, and overtakes none: if messages wait for capacity, the permit lets the first of
/// them in, and its own message queues behind the last.
///
/// At a process of another node it outlives the connection: it can be used when the same life of the node is connected
/// again. Meanwhile a [`call`](Self::call) in it is `NoConnection`, and what is [sent](Self::send) a dead letter.
#[must_use = "a dropped permit gives its place in the mailbox back"]
pub struct Permit<P: Protocol + ?Sized> {
    port: Option<Arc<dyn Port<P>>>,
    /// How long a call may take.
    timeout: Duration,
}

impl<P: Protocol + ?Sized> Permit<P> {
    /// Sends without waiting or failing, behind messages that wait for capacity. If the process has ended meanwhile, the message is a dead letter.
    pub fn send(mut self, message: P::Cast) {
        let Some(port) = self.port.take() else { return };
        let door: Arc<dyn Take<P::Cast>> = port;
        if let Err(message) = door.push_reserved(message) {
            door.bury(message, Undelivered::Ended);
        }
    }

    /// Asks in the place that is held: `make` puts the reply port into the message. The answer may take as long as the
    /// handle says, else 5 s.
    ///
    /// # Errors
    /// Those of a [`Call`](crate::Call), but never `Full`; they come out of the [`Pending`].
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Adder(u64);
    /// #[gen_server]
    /// impl Adder { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let adder = Adder(1).start().await.unwrap();
    ///     let permit = adder.as_ref().reserve().await.unwrap();
    ///     let sum = permit.call(|reply| AdderCall::Add { by: 2, reply });
    ///     assert_eq!(sum.await, Ok(3));
    /// }
    /// ```
    pub fn call<R: Send + 'static>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Pending<R> {
        let timeout = self.timeout;
        self.call_within(timeout, make)
    }

    /// Whether the process that the place is in still takes messages.
    #[cfg(feature = "tower")]
    pub(crate) fn is_good(&self) -> bool {
        self.port
            .as_ref()
            .is_some_and(|port| port.core().is_alive())
    }

    pub(crate) fn call_within<R: Send + 'static>(
        mut self,
        timeout: Duration,
        make: impl FnOnce(ReplyTo<R>) -> P::Call,
    ) -> Pending<R> {
        let (reply, mut asked) = reply::question();
        // The place is still held while the user's code makes the message.
        let call = make(reply);
        let Some(port) = self.port.take() else {
            return Pending::failed(CallError::NoProcess);
        };
        let core = port.core();
        let deadline = core.world.after(timeout);
        asked.sent_to(core.as_server(), Some(deadline));
        match port.push_reserved_call(call, asked.slot()) {
            Ok(()) => {
                let watch = Watch::new(port, &asked, Some(deadline), None);
                Pending::new(asked, watch)
            }
            Err(unsent) => {
                asked.close();
                drop(unsent);
                Pending::failed(CallError::NoProcess)
            }
        }
    }
}

impl<P: Protocol + ?Sized> Drop for Permit<P> {
    fn drop(&mut self) {
        if let Some(port) = self.port.take() {
            port.release();
        }
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process: Option<ProcRef> = self.port.clone().map(|port| port as ProcRef);
        let pid = process.map(|process| process.core().pid);
        f.debug_struct("Permit").field("pid", &pid).finish()
    }
}
