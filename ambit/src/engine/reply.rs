//! One question, one answer: the cell a caller waits on and the port the server answers through.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use crate::engine::wheel::Expire;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::rt::Instant;

/// What the mailbox and the server know of a question, whatever the type of its answer.
pub(crate) trait Question: Send + Sync {
    /// Answers with an error; the first answer counts.
    fn fail(&self, error: CallError);
    /// Notes that the server has begun with it.
    fn taken(&self);
    /// When the caller gives up; `None` for never, or before the question was sent.
    fn deadline(&self) -> Option<Instant>;
    /// Its server ends but leaves it to the next life: that end is no answer.
    fn left(&self);
    /// It stands in another queue now.
    fn carried_to(&self, server: Arc<dyn PortOwner>);
    /// Itself, to be told of the end of a server.
    fn observer(self: Arc<Self>) -> Arc<dyn Observer>;
}

/// Who is told when a port is dropped without an answer, and decides what that means.
pub(crate) trait PortOwner: Send + Sync {
    fn port_dropped(&self, question: Arc<dyn Question>);
}

/// Who is told when a process has ended.
pub(crate) trait Observer: Send + Sync {
    fn exited(&self, reason: &ExitReason);
}

/// What one caller waits on.
pub(crate) struct ReplyCell<R> {
    state: Mutex<State<R>>,
}

struct State<R> {
    phase: Phase<R>,
    taken: bool,
    waker: Option<Waker>,
    server: Option<Arc<dyn PortOwner>>,
    deadline: Option<Instant>,
    /// So many ends of servers are no answer: they left the question to others.
    left: u32,
}

enum Phase<R> {
    Open,
    Answered(R),
    Failed(CallError),
    /// The caller has its answer, or has gone.
    Closed,
}

impl<R> ReplyCell<R> {
    fn settle(&self, phase: Phase<R>) -> bool {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Open) {
            drop(state);
            return false;
        }
        state.phase = phase;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Notes who will answer, and until when the caller waits.
    pub(crate) fn sent_to(&self, server: Arc<dyn PortOwner>, deadline: Option<Instant>) {
        let mut state = self.state.lock();
        state.server = Some(server);
        state.deadline = deadline;
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<R, CallError>> {
        let mut state = self.state.lock();
        match std::mem::replace(&mut state.phase, Phase::Closed) {
            Phase::Answered(value) => Poll::Ready(Ok(value)),
            Phase::Failed(error) => Poll::Ready(Err(error)),
            Phase::Closed => Poll::Ready(Err(CallError::NoReply)),
            Phase::Open => {
                state.phase = Phase::Open;
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Answers with an error, whatever was said before: the question has reached nobody, and its port may have been
    /// dropped on the way.
    pub(crate) fn refuse(&self, error: CallError) {
        let said = std::mem::replace(&mut self.state.lock().phase, Phase::Failed(error));
        drop(said);
    }

    /// The caller no longer waits; a late answer is dropped by whoever gives it.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        let unread = std::mem::replace(&mut state.phase, Phase::Closed);
        let server = state.server.take();
        state.waker = None;
        drop(state);
        drop((unread, server));
    }

    fn is_open(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Open)
    }
}

impl<R: Send + 'static> Question for ReplyCell<R> {
    fn fail(&self, error: CallError) {
        self.settle(Phase::Failed(error));
    }

    fn taken(&self) {
        self.state.lock().taken = true;
    }

    fn deadline(&self) -> Option<Instant> {
        self.state.lock().deadline
    }

    fn left(&self) {
        self.state.lock().left += 1;
    }

    fn carried_to(&self, server: Arc<dyn PortOwner>) {
        let mut state = self.state.lock();
        // Whoever has gone must not keep a server.
        if matches!(state.phase, Phase::Open) {
            let before = state.server.replace(server);
            drop(state);
            drop(before);
        }
    }

    fn observer(self: Arc<Self>) -> Arc<dyn Observer> {
        self
    }
}

impl<R: Send + 'static> Observer for ReplyCell<R> {
    fn exited(&self, reason: &ExitReason) {
        let executed = {
            let mut state = self.state.lock();
            if let Some(others) = state.left.checked_sub(1) {
                state.left = others;
                return;
            }
            if state.taken {
                Executed::Maybe
            } else {
                Executed::No
            }
        };
        self.fail(CallError::Exited {
            reason: reason.clone(),
            executed,
        });
    }
}

impl<R: Send + 'static> Expire for ReplyCell<R> {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.fail(CallError::Timeout);
    }
}

/// The port through which one call is answered. (Erlang: the `From` of `handle_call/3`.)
///
/// It can be kept in the server's state or sent elsewhere and answered later, from any task or thread. Dropped
/// without an answer, it tells the caller `NoReply` at once.
///
/// ```
/// use ambit::prelude::*;
/// struct Door { waiting: Vec<ReplyTo<&'static str>> }
/// #[gen_server]
/// impl Door {
///     #[call(deferred)]
///     fn pass(&mut self, reply: ReplyTo<&'static str>) { self.waiting.push(reply) }
///     #[cast]
///     fn open(&mut self) {
///         for reply in self.waiting.drain(..) { reply.send("open"); }
///     }
/// }
/// # fn main() {}
/// ```
#[must_use = "a port dropped without an answer tells the caller `NoReply`"]
pub struct ReplyTo<T> {
    cell: Option<Arc<ReplyCell<T>>>,
    dropped: fn(Arc<ReplyCell<T>>),
}

impl<T> ReplyTo<T> {
    /// Answers. Returns whether the caller still waited; a late answer is dropped.
    pub fn send(mut self, value: T) -> bool {
        self.cell
            .take()
            .is_some_and(|cell| cell.settle(Phase::Answered(value)))
    }

    /// Whether the caller has gone: it timed out, or dropped its call. Nobody would see an answer.
    pub fn is_closed(&self) -> bool {
        self.cell.as_ref().is_none_or(|cell| !cell.is_open())
    }
}

impl<T> Drop for ReplyTo<T> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell.take() {
            (self.dropped)(cell);
        }
    }
}

impl<T> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// A new question: the port for the server, the cell for the caller.
pub(crate) fn question<R: Send + 'static>() -> (ReplyTo<R>, Arc<ReplyCell<R>>) {
    let cell = Arc::new(ReplyCell {
        state: Mutex::new(State {
            phase: Phase::Open,
            taken: false,
            waker: None,
            server: None,
            deadline: None,
            left: 0,
        }),
    });
    (
        ReplyTo {
            cell: Some(cell.clone()),
            dropped: abandoned,
        },
        cell,
    )
}

fn abandoned<R: Send + 'static>(cell: Arc<ReplyCell<R>>) {
    let server = {
        let mut state = cell.state.lock();
        if !matches!(state.phase, Phase::Open) {
            return;
        }
        state.server.take()
    };
    match server {
        Some(server) => server.port_dropped(cell),
        // It never got into a message that was sent.
        None => cell.fail(CallError::NoReply),
    }
}
