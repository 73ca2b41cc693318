//! The protocol of a supervisor, and the futures of its replies.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::engine::reply::ReplyTo;
use crate::error::{CallError, ChildError};
use crate::exit_reason::ExitReason;
use crate::handle::blocking;
use crate::handle::protocol::Protocol;
use crate::handle::sink::OnlyCalls;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::process::current;
use crate::process::dead_letter::{Content, LetterKind};
use crate::process::mailbox_item::MailboxItem;
use crate::rt::{self, BoxFuture};
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::core::{ChildSelector, Key, RetryTicket};
use crate::supervisor::policy::{ChildCounts, ChildInfo};

/// The protocol of supervisors.
pub(crate) struct Admin;

impl Protocol for Admin {
    type Call = Request;
    type Cast = Infallible;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Supervisor";
}

/// The reply to a request that changes children.
pub(crate) type Answers = ReplyTo<Result<Option<Pid>, ChildError>>;

pub(crate) enum Request {
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<ChildCounts>),
    /// A `Which` or `Count` of a process that is starting, with the processes that wait for its start.
    OfStarting(Vec<Pid>, Box<Self>),
    Start(StartRequest, Answers),
    Terminate(ChildSelector, Answers),
    Restart(String, Answers),
    Delete(String, Answers),
    Resize(usize, Answers),
}

/// A child to be started.
pub(crate) struct StartRequest {
    pub(crate) factory: Box<dyn ChildFactory>,
    pub(crate) slot: Arc<CurrentChild>,
    /// True if the caller has the handle to a dynamic supervisor: then its handle to the child follows the slot, and
    /// otherwise the id of the child.
    pub(crate) by_slot: bool,
    /// The processes that wait for the calling process to start.
    pub(crate) starters: Vec<Pid>,
}

/// An item in a supervisor's mailbox.
pub(crate) enum SupervisorItem {
    Request(Request),
    /// A child has ended.
    Ended(Key, Pid, ExitReason),
    /// A retry that waits in the queue.
    Retry(Key, RetryTicket),
}

impl MailboxItem for SupervisorItem {
    fn content(self) -> (LetterKind, Content) {
        (LetterKind::Call, Content::new(self))
    }
}

impl OnlyCalls for SupervisorItem {
    type Protocol = Admin;

    fn asked(call: Request) -> Self {
        Self::Request(call)
    }
}

/// A request to a supervisor, sent on the first poll. By default it has no timeout, as in OTP: it waits as long as the
/// `#[init]` or the shutdown of the child takes, and ignores the deadline of the request being handled.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. Dropping it while the request waits for capacity in the
/// supervisor's mailbox withdraws the request. Dropping it later has no effect on the supervisor, which still executes
/// the request.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::{ChildSpec, Supervisor};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let idle = ChildSpec::task("idle", || std::future::pending::<()>());
///     let supervisor = Supervisor::builder().child(idle).start().await.unwrap();
///     let children = supervisor.which_children().timeout(Duration::from_secs(1)).await.unwrap();
///     assert_eq!(children[0].id, "idle");
/// }
/// ```
#[must_use = "a request does nothing until it is awaited or sent"]
pub struct AdminRequest<R> {
    fresh: Option<Fresh<R>>,
    running: Option<BoxFuture<'static, R>>,
    timeout: Option<Duration>,
    blocked: fn() -> R,
}

type Fresh<R> = Box<dyn FnOnce(Option<Duration>) -> BoxFuture<'static, R> + Send>;

impl<R: 'static> AdminRequest<R> {
    pub(crate) fn new(
        ask: impl FnOnce(Option<Duration>) -> BoxFuture<'static, R> + Send + 'static,
        blocked: fn() -> R,
    ) -> Self {
        Self {
            fresh: Some(Box::new(ask)),
            running: None,
            timeout: None,
            blocked,
        }
    }

    /// Sets how long to wait for the reply, counted from the first poll; no limit by default, as in OTP. With a
    /// timeout, the wait inside a handler is also limited by the remaining time of the call being handled.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends the request now; the reply is awaited later. Use it to send requests to several supervisors at the same
    /// time, or to start several children of a dynamic supervisor concurrently.
    ///
    /// # Cancel safety
    /// Dropping the result withdraws the request if it is still waiting for capacity in the supervisor's mailbox;
    /// otherwise the supervisor still executes the request.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::supervisor::DynamicSupervisor;
    /// #[ambit::main]
    /// async fn main() {
    ///     let workers = DynamicSupervisor::builder().start().await.unwrap();
    ///     let idle = || ChildSpec::task("idle", || std::future::pending::<()>());
    ///     let starts: Vec<_> = (0..3).map(|_| workers.start_child(idle()).send()).collect();
    ///     for start in starts {
    ///         start.await.unwrap();
    ///     }
    ///     assert_eq!(workers.count_children().await.unwrap().active, 3);
    /// }
    /// ```
    pub fn send(mut self) -> PendingAdminRequest<R> {
        // The first poll sends the request. The reply wakes the task that polls later.
        let cx = &mut Context::from_waker(Waker::noop());
        let answer = match pin!(rt::unconstrained(&mut self)).poll(cx) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        };
        PendingAdminRequest { ask: self, answer }
    }

    /// Blocks this thread until the reply arrives, for synchronous code. On a thread that drives a runtime, it returns
    /// the error `BlocksRuntime`, and nothing is sent.
    pub fn blocking(self) -> R {
        let blocked = self.blocked;
        blocking::wait(self).unwrap_or_else(blocked)
    }
}

impl<R> Future for AdminRequest<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        if let Some(ask) = self.fresh.take() {
            self.running = Some(ask(self.timeout));
        }
        match &mut self.running {
            Some(running) => running.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// A request that has been sent, created by [`AdminRequest::send`]; its output is the reply.
///
/// # Cancel safety
/// Polling by reference loses nothing. Dropping the future withdraws the request if it is still waiting for capacity in
/// the supervisor's mailbox; otherwise the supervisor still executes the request.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let jobs = DynamicSupervisor::builder().start().await.unwrap();
///     let idle = || ChildSpec::task("idle", || std::future::pending::<()>());
///     let (first, second) = (jobs.start_child(idle()).send(), jobs.start_child(idle()).send());
///     assert_ne!(first.await.unwrap().pid(), second.await.unwrap().pid());
/// }
/// ```
#[must_use = "the result reports whether the request was carried out"]
pub struct PendingAdminRequest<R> {
    ask: AdminRequest<R>,
    answer: Option<R>,
}

impl<R> Unpin for PendingAdminRequest<R> {}

impl<R> Future for PendingAdminRequest<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        match self.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => Pin::new(&mut self.ask).poll(cx),
        }
    }
}

impl<R> fmt::Debug for PendingAdminRequest<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAdminRequest")
            .field("timeout", &self.ask.timeout)
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for AdminRequest<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminRequest")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Sends a request to the supervisor, and waits for the reply.
async fn ask<A: Send + 'static>(
    supervisor: &Subject<Admin>,
    timeout: Option<Duration>,
    request: impl FnOnce(ReplyTo<A>) -> Request,
) -> Result<A, CallError> {
    let call = supervisor.call(request);
    match timeout {
        Some(timeout) => call.timeout(timeout).await,
        None => call.no_timeout().await,
    }
}

/// Requests information.
pub(crate) fn look<A: Send + 'static>(
    supervisor: &Subject<Admin>,
    request: fn(ReplyTo<A>) -> Request,
) -> AdminRequest<Result<A, CallError>> {
    let (supervisor, starters) = (supervisor.clone(), current::starters());
    let request = move |reply| {
        if starters.is_empty() {
            request(reply)
        } else {
            Request::OfStarting(starters, Box::new(request(reply)))
        }
    };
    AdminRequest::new(
        move |timeout| Box::pin(async move { ask(&supervisor, timeout, request).await }),
        || Err(CallError::BlocksRuntime),
    )
}

/// Requests a change; `then` converts the pid of the result, if there is one.
pub(crate) fn change<R: Send + 'static>(
    supervisor: &Subject<Admin>,
    request: impl FnOnce(Answers) -> Request + Send + 'static,
    then: impl FnOnce(Option<Pid>) -> R + Send + 'static,
) -> AdminRequest<Result<R, ChildError>> {
    let supervisor = supervisor.clone();
    AdminRequest::new(
        move |timeout| {
            Box::pin(async move {
                let answer = ask(&supervisor, timeout, request).await;
                answer.map_err(ChildError::from)?.map(then)
            })
        },
        || Err(ChildError::BlocksRuntime),
    )
}
