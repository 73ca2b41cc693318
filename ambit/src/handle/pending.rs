//! A question that has been sent: the wait for its answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::engine::reply::{self, OpenReply, ReplyReceiver};
use crate::engine::wheel::{Deadline, Expire};
use crate::error::CallError;
#[cfg(feature = "remote")]
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::process::checked_poll;
use crate::process::header::ProcessRef;
use crate::process::wait_edge::{PollKind, WaitEdge};
use crate::rt::{self, Instant};

/// A call that has been sent and whose answer is pending, created by [`Call::send`](crate::Call::send). It is
/// `'static`, so it can be used in `select!` and `JoinSet`.
///
/// The deadline is counted from the send, whether the future is polled or not. Poll it by reference, for example with
/// `&mut pending` in `select!`, to interrupt the wait and continue it later.
///
/// # Cancel safety
/// Polling by reference loses nothing. Dropping the future closes the reply port. A request that is still waiting for
/// capacity is withdrawn; any other request may still be executed.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(40).start().await.unwrap();
///     let pending = counter.add(2).send();
///     assert_eq!(counter.add(1).await, Ok(43), "the first call was sent before");
///     assert_eq!(pending.await, Ok(42));
/// }
/// ```
#[must_use = "a pending answer is dropped unless it is awaited"]
pub struct Pending<R> {
    asked: ReplyReceiver<R>,
    watch: Option<ReplyWait>,
}

/// The parts that are cleaned up when the wait is over.
pub(crate) struct ReplyWait {
    process: ProcessRef,
    deadline: Option<Deadline>,
    /// The id in the wait list, if the message had to wait for capacity.
    waiting: Option<u64>,
    edge: WaitEdge,
    /// The current poll has recorded the wait already.
    is_noted: bool,
}

impl ReplyWait {
    /// Watches a question to `process`; `waiting` is its id in the wait list of the mailbox, if it waits.
    #[inline(always)]
    pub(crate) fn new<R>(
        process: ProcessRef,
        asked: &ReplyReceiver<R>,
        deadline: Option<Instant>,
        waiting: Option<u64>,
    ) -> Self {
        let deadline = deadline.map(|at| {
            let late = match waiting {
                None => asked.slot(),
                Some(id) => Withdraw::late(asked.slot(), &process, id),
            };
            process.core().system.wheel.arm(at, late)
        });
        Self {
            process,
            deadline,
            waiting,
            edge: WaitEdge::default(),
            is_noted: false,
        }
    }

    /// Watches a question that `process` has, but not in its mailbox.
    pub(crate) fn outside<R>(
        process: ProcessRef,
        asked: &ReplyReceiver<R>,
        deadline: Option<Instant>,
    ) -> Self {
        process.core().keep_question(asked.slot());
        Self::new(process, asked, deadline, None)
    }

    /// Keeps the wait edge that was recorded before the send, if that was in this poll.
    #[inline]
    pub(crate) fn noted(&mut self, edge: &mut WaitEdge, in_this_poll: bool) {
        self.is_noted = in_this_poll;
        if edge.is_recorded() {
            self.keep(edge);
        }
    }

    #[inline(never)]
    fn keep(&mut self, edge: &mut WaitEdge) {
        self.is_noted &= !edge.is_in_checked_poll();
        std::mem::swap(&mut self.edge, edge);
    }

    /// Ready with the answer, or the error.
    #[inline(always)]
    pub(crate) fn poll<R>(
        &mut self,
        asked: &mut ReplyReceiver<R>,
        cx: &Context<'_>,
    ) -> Poll<Result<R, CallError>> {
        let answer = asked.poll(cx);
        if let Poll::Ready(Ok(_)) = answer {
            // An answered call is in no wait list.
            self.waiting = None;
        }
        if answer.is_pending() && !std::mem::take(&mut self.is_noted) {
            let to = self.process.core().pid;
            let question = || Some(asked.slot() as Arc<dyn OpenReply>);
            match self.edge.wait(to, question, cx.waker()) {
                Ok(PollKind::Plain) => {}
                Ok(PollKind::Checked) => return poll_with_task(asked, cx),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        answer
    }

    #[cold]
    fn withdraw(&self) {
        if let Some(id) = self.waiting {
            self.process.withdraw(id);
        }
    }
}

/// Keeps the waker of the task instead of the one of a checked poll.
#[cold]
#[inline(never)]
fn poll_with_task<R>(asked: &mut ReplyReceiver<R>, cx: &Context<'_>) -> Poll<Result<R, CallError>> {
    checked_poll::with_task(cx, |cx| asked.poll(cx))
}

impl Drop for ReplyWait {
    #[inline]
    fn drop(&mut self) {
        if let Some(deadline) = self.deadline {
            drop(self.process.core().system.wheel.disarm(deadline));
        }
        if self.waiting.is_some() {
            self.withdraw();
        }
    }
}

/// The deadline of a question that may still be in the wait list: polled or not, it is withdrawn.
struct Withdraw {
    question: Arc<dyn OpenReply>,
    process: ProcessRef,
    id: u64,
}

impl Withdraw {
    #[cold]
    fn late(question: Arc<dyn OpenReply>, process: &ProcessRef, id: u64) -> Arc<dyn Expire> {
        Arc::new(Self {
            question,
            process: process.clone(),
            id,
        })
    }
}

impl Expire for Withdraw {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.question.fail(CallError::Timeout);
        self.process.withdraw(self.id);
    }
}

impl<R> Pending<R> {
    /// Returns the wait for capacity, if the request still waits in a full mailbox.
    #[cfg(feature = "remote")]
    pub(crate) fn waiting_delivery(&self) -> Option<WaitingDelivery> {
        let wait = self.watch.as_ref()?;
        WaitingDelivery::of_call(&wait.process, wait.waiting?)
    }
}

impl<R: 'static> Pending<R> {
    pub(crate) fn new(asked: ReplyReceiver<R>, watch: ReplyWait) -> Self {
        Self {
            asked,
            watch: Some(watch),
        }
    }

    /// Waits for an answer of `process`, which has the question, but not in its mailbox.
    pub(crate) fn waiting(
        process: ProcessRef,
        asked: ReplyReceiver<R>,
        deadline: Option<Instant>,
    ) -> Self {
        let watch = ReplyWait::outside(process, &asked, deadline);
        Self::new(asked, watch)
    }

    /// Creates the answer of a question that could not be sent.
    pub(crate) fn failed(error: CallError) -> Self {
        Self {
            asked: reply::refused(error),
            watch: None,
        }
    }
}

impl<R> Future for Pending<R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let answer = match &mut this.watch {
            Some(watch) => watch.poll(&mut this.asked, cx),
            None => {
                // It was not sent: a loop of such requests lets other tasks run.
                ready!(rt::poll_proceed(cx)).made_progress();
                this.asked.poll(cx)
            }
        };
        if answer.is_ready() {
            this.asked.close();
            this.watch = None;
        }
        answer
    }
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("done", &self.watch.is_none())
            .finish()
    }
}
