//! A place in a mailbox, taken before there is a message for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::{Outcome, Ticket};
use crate::error::CastError;
use crate::handle::call::DEFAULT_TIMEOUT;
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
    subject: &'a Subject<P>,
    timeout: Duration,
    wait: Option<Wait<P>>,
}

struct Wait<P: Protocol + ?Sized> {
    port: Arc<dyn Port<P>>,
    place: Place,
    /// What became of it has been told.
    settled: bool,
}

impl<P: Protocol + ?Sized> Drop for Wait<P> {
    fn drop(&mut self) {
        // What was given between the last poll and now goes back.
        if !self.settled && !self.place.leave() {
            self.port.release();
        }
    }
}

impl<'a, P: Protocol + ?Sized> Reserve<'a, P> {
    pub(crate) fn new(subject: &'a Subject<P>) -> Self {
        Self {
            subject,
            timeout: subject.timeout().unwrap_or(DEFAULT_TIMEOUT),
            wait: None,
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

    fn begin(&self) -> Result<Wait<P>, CastError> {
        let port = self.subject.port().ok_or(CastError::NoProcess)?;
        let ticket = Arc::new(Ticket::default());
        let id = port.reserve(&ticket).ok_or(CastError::NoProcess)?;
        // A process never waits for room in its own mailbox: only itself could make some.
        if current::pid() == port.core().pid && port.withdraw(id) {
            return Err(CastError::Full);
        }
        let at = port.core().world.after(self.timeout);
        let place = Place::keep(port.clone(), id, ticket, at);
        Ok(Wait {
            port,
            place,
            settled: false,
        })
    }
}

impl<P: Protocol + ?Sized> Future for Reserve<'_, P> {
    type Output = Result<Permit<P>, CastError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.wait.is_none() {
            this.wait = Some(this.begin()?);
        }
        let Some(wait) = &mut this.wait else {
            return Poll::Pending;
        };
        let outcome = std::task::ready!(wait.place.poll(cx));
        wait.settled = true;
        let port = wait.port.clone();
        this.wait = None;
        Poll::Ready(match outcome {
            Outcome::Admitted => Ok(Permit { port: Some(port) }),
            Outcome::Closed => Err(CastError::NoProcess),
            Outcome::Expired => Err(CastError::Timeout),
        })
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Reserve<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("subject", self.subject)
            .finish_non_exhaustive()
    }
}

/// A place in a mailbox. Dropping it gives the place back.
#[must_use = "a dropped permit gives its place in the mailbox back"]
pub struct Permit<P: Protocol + ?Sized> {
    port: Option<Arc<dyn Port<P>>>,
}

impl<P: Protocol + ?Sized> Permit<P> {
    /// Sends without waiting or failing. If the process has ended meanwhile, the message is a dead letter.
    pub fn send(mut self, message: P::Cast) {
        let Some(port) = self.port.take() else { return };
        let door: Arc<dyn Take<P::Cast>> = port;
        if let Err(message) = door.push_reserved(message) {
            door.bury(message, Undelivered::Ended);
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
