//! A subject as a `tower::Service`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tower_service::Service;

use crate::engine::reply::ReplyTo;
use crate::error::{CallError, CastError, Executed};
use crate::handle::pending::Pending;
use crate::handle::protocol::Protocol;
use crate::handle::reserve::{Permit, Reserve};
use crate::handle::subject::Subject;

/// Builds the message of a call from a request.
type Make<P, Q, R> = dyn Fn(Q, ReplyTo<R>) -> <P as Protocol>::Call + Send + Sync;

/// A method of a server as a `tower::Service`, which is ready when it has reserved capacity in the mailbox.
///
/// `poll_ready` waits for capacity and reserves it, so a ready service can be called without waiting, and layers such
/// as `load_shed`, `buffer` and `concurrency_limit` see the back-pressure of the mailbox. Dropping the service releases
/// unused capacity. A clone has no reservation, as tower requires.
///
/// After the process has ended, `poll_ready` of a service with a direct handle always fails with `NoProcess`. A service
/// with a handle that follows a name (a child of a supervisor, a registry key) remains usable: while no process is
/// registered under the name, the service is ready, and its calls fail with `NoProcess`.
///
/// ```
/// use ambit::server::SubjectService;
/// use ambit::prelude::*;
/// use tower::ServiceExt;
/// struct Adder(u64);
/// #[gen_server]
/// impl Adder { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let adder = Adder(1).start().await.unwrap();
///     let service = SubjectService::new(&adder, |by, reply| AdderCall::Add { by, reply });
///     assert_eq!(service.oneshot(2).await, Ok(3));
/// }
/// ```
pub struct SubjectService<P: Protocol + ?Sized, Q, R> {
    subject: Subject<P>,
    make: Arc<Make<P, Q, R>>,
    timeout: Option<Duration>,
    place: Readiness<P>,
}

enum Readiness<P: Protocol + ?Sized> {
    None,
    Wanted(Reserve<'static, P>),
    Held(Permit<P>),
    /// The name is not registered.
    Nowhere,
}

impl<P: Protocol + ?Sized, Q, R> SubjectService<P, Q, R> {
    /// Creates a service for one method of `subject`; `make` builds the message of a call from a request and the reply
    /// port.
    pub fn new(
        subject: &impl AsRef<Subject<P>>,
        make: impl Fn(Q, ReplyTo<R>) -> P::Call + Send + Sync + 'static,
    ) -> Self {
        Self {
            subject: subject.as_ref().clone(),
            make: Arc::new(make),
            timeout: None,
            place: Readiness::None,
        }
    }

    /// Sets how long a call waits for its answer; the default is the timeout of the handle, else 5 s. A timeout that
    /// the method declares is ignored. The wait for capacity in `poll_ready` is not limited.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<P: Protocol + ?Sized, Q, R: Send + 'static> Service<Q> for SubjectService<P, Q, R> {
    type Response = R;
    type Error = CallError;
    type Future = Pending<R>;

    /// # Errors
    /// - `NoProcess` if the handle is direct and its process has ended.
    /// - `NoConnection` if the node of the process is lost while the service waits.
    /// - `Full` if a process calls `poll_ready` for its own full mailbox.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        loop {
            match &mut self.place {
                Readiness::Held(permit) if permit.is_good() => return Poll::Ready(Ok(())),
                Readiness::Wanted(reserve) => {
                    let follows = self.subject.fixed_port().is_none();
                    self.place = match ready!(Pin::new(reserve).poll(cx)) {
                        Ok(permit) => Readiness::Held(permit),
                        Err(CastError::NoProcess) if follows => Readiness::Nowhere,
                        Err(error) => {
                            self.place = Readiness::None;
                            return Poll::Ready(Err(match error {
                                CastError::Full => CallError::Full,
                                CastError::NoConnection => CallError::NoConnection {
                                    executed: Executed::No,
                                },
                                _ => CallError::NoProcess,
                            }));
                        }
                    };
                    return Poll::Ready(Ok(()));
                }
                Readiness::None | Readiness::Held(_) | Readiness::Nowhere => {
                    let reserve = self.subject.reserve().no_timeout().into_owned();
                    self.place = Readiness::Wanted(reserve);
                }
            }
        }
    }

    /// # Panics
    /// Panics if the service is not ready: call `poll_ready` first, once for each call.
    fn call(&mut self, request: Q) -> Pending<R> {
        let permit = match std::mem::replace(&mut self.place, Readiness::None) {
            Readiness::Held(permit) => permit,
            Readiness::Nowhere => return Pending::failed(CallError::NoProcess),
            Readiness::None | Readiness::Wanted(_) => {
                panic!("`call` without a `poll_ready` that was ready: see `tower::Service::call`")
            }
        };
        let make = |reply| (self.make)(request, reply);
        match self.timeout {
            Some(timeout) => permit.call_within(timeout, make),
            None => permit.call(make),
        }
    }
}

impl<P: Protocol + ?Sized, Q, R> Clone for SubjectService<P, Q, R> {
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            make: self.make.clone(),
            timeout: self.timeout,
            place: Readiness::None,
        }
    }
}

impl<P: Protocol + ?Sized, Q, R> fmt::Debug for SubjectService<P, Q, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubjectService")
            .field("subject", &self.subject)
            .field("ready", &matches!(self.place, Readiness::Held(_)))
            .finish_non_exhaustive()
    }
}
