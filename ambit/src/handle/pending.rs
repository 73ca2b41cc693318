//! A question that has been asked: the wait for its answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::reply::{self, Asked, Question};
use crate::engine::wheel::{Deadline, Expire};
use crate::error::CallError;
use crate::handle::port::Port;
use crate::handle::protocol::Protocol;
use crate::pid::Pid;
use crate::process::body::{Offer, Patience};
use crate::process::core::ProcRef;
use crate::process::current;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::waits::Circle;
use crate::rt::Instant;

/// The answer to come, from [`Call::send`](crate::Call::send): `'static`, so it goes into `select!` and `JoinSet`.
///
/// The deadline runs from the moment of asking, polled or not. A wait can be given up and taken up again, by
/// polling it by reference; dropping it tells the server that nobody waits.
///
/// # Cancel safety
/// Polling by reference loses nothing.
#[must_use = "a pending answer is dropped unless it is awaited"]
pub struct Pending<R> {
    asked: Asked<R>,
    watch: Option<Watch>,
}

/// What has to be taken back when the wait is over.
struct Watch {
    process: ProcRef,
    deadline: Option<Deadline>,
    /// The message's place in the wait list, if it had to wait for room.
    waiting: Option<u64>,
    edge: Option<Edge>,
    checked: bool,
}

/// A noted wait of one process for another.
pub(crate) struct Edge {
    from: ProcRef,
    to: Pid,
}

impl Edge {
    /// Notes that the current process, if there is one, waits for `to`; fails if it would wait for itself.
    pub(crate) fn note(to: Pid) -> Result<Option<Self>, CallError> {
        let Some(from) = current::current() else {
            return Ok(None);
        };
        let own = from.core().pid;
        if own == to {
            return Err(CallError::CallsItself);
        }
        match from.core().world.waits.add(own, to) {
            Circle::None => {}
            Circle::Closed(pids) => return Err(CallError::Cycle { pids }),
            Circle::Possible(pids) => {
                tracing::warn!(pids = ?pids, "these processes may be waiting for each other");
            }
        }
        Ok(Some(Self { from, to }))
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let core = self.from.core();
        core.world.waits.remove(core.pid, self.to);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let core = self.process.core();
        if let Some(deadline) = self.deadline {
            drop(core.world.wheel.disarm(deadline));
        }
        if let Some(id) = self.waiting {
            self.process.withdraw(id);
        }
    }
}

/// The deadline of a question that may still stand in the wait list: polled or not, it is withdrawn.
struct Withdraw {
    question: Arc<dyn Question>,
    process: ProcRef,
    id: u64,
}

impl Expire for Withdraw {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.question.fail(CallError::Timeout);
        self.process.withdraw(self.id);
    }
}

impl<R: Send + 'static> Pending<R> {
    /// Asks. `room` says whether the message may wait for room in the mailbox. Where nobody takes it, it stays.
    pub(crate) fn ask<P: Protocol + ?Sized>(
        port: Arc<dyn Port<P>>,
        call: &mut Option<P::Call>,
        asked: &mut Option<Asked<R>>,
        deadline: Option<Instant>,
        room: bool,
        edge: Option<Edge>,
    ) -> Result<Self, CallError> {
        let (Some(question), Some(end)) = (call.take(), asked.take()) else {
            return Err(CallError::NoReply);
        };
        end.sent_to(port.core().as_server(), deadline);
        let patience = if room {
            Patience::Unwatched
        } else {
            Patience::None
        };
        let waiting = match port.offer_call(question, end.slot(), patience) {
            Offer::Queued => None,
            Offer::Waiting(id) => Some(id),
            Offer::Closed(unsent) => {
                *call = Some(unsent);
                *asked = Some(end);
                return Err(CallError::NoProcess);
            }
            refused => {
                // The caller is told here; the port inside the message has nothing to say any more.
                end.fail(CallError::Full);
                if let Offer::Dropped(call) = refused {
                    let core = port.core();
                    core.bury(LetterKind::Call, Undelivered::Overflow, Content::new(call));
                }
                return Err(CallError::Full);
            }
        };
        let mut pending = Self::queued(port, end, deadline, waiting);
        if let Some(watch) = &mut pending.watch {
            watch.checked = edge.is_some();
            watch.edge = edge;
        }
        Ok(pending)
    }

    /// The wait for an answer of `process`, who has the question, but not in its mailbox.
    pub(crate) fn waiting(process: ProcRef, asked: Asked<R>, deadline: Option<Instant>) -> Self {
        process.core().keep_question(asked.slot());
        Self::queued(process, asked, deadline, None)
    }

    /// The wait for an answer to a question in the mailbox of `process`; `waiting` is its place in the wait list, if it
    /// has one.
    fn queued(
        process: ProcRef,
        asked: Asked<R>,
        deadline: Option<Instant>,
        waiting: Option<u64>,
    ) -> Self {
        let core = process.core();
        let slot = asked.slot();
        let deadline = deadline.map(|at| {
            let late: Arc<dyn Expire> = match waiting {
                None => slot,
                Some(id) => Arc::new(Withdraw {
                    question: slot,
                    process: process.clone(),
                    id,
                }),
            };
            core.world.wheel.arm(at, late)
        });
        let watch = Watch {
            process,
            deadline,
            waiting,
            edge: None,
            checked: false,
        };
        Self {
            asked,
            watch: Some(watch),
        }
    }

    /// A question that could not be asked.
    pub(crate) fn failed(error: CallError) -> Self {
        Self {
            asked: reply::refused(error),
            watch: None,
        }
    }
}

impl<R> Pending<R> {
    /// Inside a process: notes whom it waits for, and sees the circle in which nobody could answer.
    fn check(&mut self) -> Result<(), CallError> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        if !std::mem::replace(&mut watch.checked, true) {
            watch.edge = Edge::note(watch.process.core().pid)?;
        }
        Ok(())
    }
}

impl<R> Future for Pending<R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut outcome = self.asked.poll(cx);
        if outcome.is_pending()
            && let Err(error) = self.check()
        {
            outcome = Poll::Ready(Err(error));
        }
        if outcome.is_ready() {
            self.asked.close();
            self.watch = None;
        }
        outcome
    }
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("done", &self.watch.is_none())
            .finish()
    }
}
