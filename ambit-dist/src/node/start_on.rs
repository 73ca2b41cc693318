//! Starts of servers on a node, remote or local.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::distribution::NodeRequest;
use ambit::error::{CallError, Executed, StartError};
use ambit::message::{ArgsOf, tag};
use ambit::process::Pid;
use ambit::server::{Pending, Protocol, Subject};

use crate::node::requests::{NOT_CONNECTED, On, RequestRoute, RequestTarget};
use crate::node::shared::Shared;
use crate::node::start_on_error::StartOnError;
use crate::remote_processes::start::{self, Startable, Started};
use crate::session::linked_starts::LinkedStart;

impl On {
    /// Starts a server of type `S` on the node, which must [expose](crate::Node::expose) this type. `args` is a
    /// tuple with the arguments of the server's `#[init]`. (Erlang: `spawn/4` with a node.)
    ///
    /// Waits for the `#[init]` without a time limit, unless a [`timeout`](StartOn::timeout) is set. See [`StartOn`] for
    /// the errors.
    pub fn start<S: Startable>(&self, args: impl ArgsOf<S, S::Args>) -> StartOn<S> {
        self.start_with(args.into_args())
    }

    /// Like [`start`](Self::start), with the arguments as the server's type has them.
    pub(crate) fn start_with<S: Startable>(&self, args: S::Args) -> StartOn<S> {
        StartOn {
            on: self.clone(),
            args: Some(args),
            link: false,
            timeout: None,
            pending: None,
        }
    }
}

/// The start of a server on a node, from [`On::start`]. The request is sent at the first poll.
///
/// # Errors
/// - [`StartOnError::Call`] if the request failed or was not answered: the node is not connected or was lost, does not
///   expose the type or has another version of it, did not answer in time, or the arguments are too large. If the other
///   node has started the server, it stops it.
/// - [`StartOnError::Start`] if the `#[init]` failed, or if `link` is set and the caller is not a process. No server is
///   running.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. If it is dropped later, before it is ready, the other node
/// stops a server that it has started. A starter to which the server was linked is not notified of that end.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// # use ambit_dist::{Node, transport::Memory};
///
/// struct Counter { value: u64 }
/// #[gen_server(remote = "shop.counter")]
/// impl Counter {
///     #[init] fn new(value: u64) -> Self { Self { value } }
///     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.expose::<Counter>();
/// let start = node.on("a").start::<Counter>((40,)).timeout(Duration::from_secs(10));
/// let counter: CounterSubject = start.await?;
/// assert_eq!(counter.add(2).await?, 42);
/// # Ok(())
/// # }
/// ```
#[must_use = "a start does nothing until it is awaited"]
pub struct StartOn<S: Startable> {
    on: On,
    args: Option<S::Args>,
    link: bool,
    timeout: Option<Duration>,
    pending: Option<PendingStart<S>>,
}

/// A start whose request was sent. Dropping it before its answer was taken stops a server that was started.
struct PendingStart<S: Startable> {
    answer: Pending<Started<S>>,
    shared: Arc<Shared>,
    peer: RequestTarget,
    linked: Option<LinkedStart>,
    id: u64,
    is_answered: bool,
}

impl<S: Startable> Drop for PendingStart<S> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.peer.cancel_start(&self.shared, self.id);
        }
    }
}

impl<S: Startable> StartOn<S> {
    /// Links the server to the process that awaits the start, which becomes its parent: if one of the two ends, the
    /// other receives an exit signal, even if the server ends immediately. A server that traps exits also ends with its
    /// parent, and when the connection to it is lost. If the caller is not a process, the start fails with
    /// [`StartOnError::Start`]. (Erlang: `spawn_link/4` with a node.)
    pub fn link(mut self) -> Self {
        self.link = true;
        self
    }

    /// Sets the time limit for the start; there is none by default. When it expires, the start fails with
    /// `CallError::Timeout`, and the other node stops the server.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn failed(&self, error: CallError) -> StartOnError {
        StartOnError::Call {
            node: self.on.name.clone(),
            server: start::start_name::<S>(),
            error,
        }
    }

    fn not_started(&self, error: StartError) -> StartOnError {
        StartOnError::Start {
            node: self.on.name.clone(),
            server: start::start_name::<S>(),
            error,
        }
    }

    fn parent(&self) -> Result<Option<Pid>, StartOnError> {
        if !self.link {
            return Ok(None);
        }
        let pid = ambit::self_pid().map_err(|_| self.not_started(StartError::NotAProcess))?;
        Ok(Some(pid))
    }

    fn ask(&mut self) -> Result<PendingStart<S>, StartOnError> {
        let link = self.parent()?;
        let pending = self.send_start(link);
        pending.map_err(|error| self.failed(error))
    }

    fn send_start(&mut self, link: Option<Pid>) -> Result<PendingStart<S>, CallError> {
        let args = self.args.take().ok_or(CallError::NoReply)?;
        let RequestRoute { node, peer } = self.on.route().ok_or(NOT_CONNECTED)?;
        let protocol = start::binding::<S>().map_err(|clash| CallError::Unsendable {
            why: clash.to_string(),
        })?;
        let method = tag(start::start_name::<S>());
        let request = NodeRequest::new(&node, protocol, method).timeout(self.timeout);
        let id = request.id();
        let linked = link.and_then(|starter| peer.begin_linked(&self.on.shared, starter));
        let answer = request.ask(|out| start::put::<S>(args, link, out));
        Ok(PendingStart {
            answer,
            shared: self.on.shared.clone(),
            peer,
            linked,
            id,
            is_answered: false,
        })
    }
}

impl<S: Startable> PendingStart<S> {
    /// Links the calling process to the server, if the link of the server has not arrived. The session may end before it
    /// does.
    fn ensure_link(&self, server: &Subject<S::Protocol>) -> Result<(), CallError> {
        let Some(linked) = &self.linked else {
            return Ok(());
        };
        let incarnation = self.shared.node_context.incarnation_of(server.pid());
        let address = incarnation.and_then(|incarnation| incarnation.address(server.pid()));
        let Some(address) = address.flatten() else {
            return Ok(());
        };
        match linked.ensure(address, || ambit::link(server)) {
            Some(Ok(Err(_))) => Err(CallError::NoConnection {
                executed: Executed::Maybe,
            }),
            _ => Ok(()),
        }
    }
}

impl<S: Startable> Unpin for StartOn<S> {}

impl<S: Startable> Future for StartOn<S> {
    type Output = Result<<S::Protocol as Protocol>::Subject, StartOnError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.pending.is_none() {
            this.pending = Some(this.ask()?);
        }
        let Some(pending) = &mut this.pending else {
            return Poll::Pending;
        };
        let started = std::task::ready!(Pin::new(&mut pending.answer).poll(cx));
        pending.is_answered = started.is_ok();
        if let Ok(Ok(subject)) = &started {
            pending.peer.claims(&pending.shared, subject.pid());
            let linked = pending.ensure_link(subject);
            linked.map_err(|error| this.failed(error))?;
        }
        let started = started.map_err(|error| this.failed(error))?;
        let subject: Subject<S::Protocol> = started.map_err(|error| this.not_started(error))?;
        Poll::Ready(Ok(subject.into()))
    }
}

impl<S: Startable> fmt::Debug for StartOn<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartOn({}, {})", self.on.name, start::start_name::<S>())
    }
}
