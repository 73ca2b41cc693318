//! Requests to a node, remote or local: starting a server and calling a function.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::distribution::{NodeRequest, RemoteProxy};
use ambit::error::{CallError, Executed, StartError};
use ambit::message::{ArgsOf, Remote, Rpc, Wire, tag};
use ambit::process::Pid;
use ambit::server::{Pending, Protocol, Subject};

use crate::codecs::any::AnyCodec;
use crate::node::Node;
use crate::node::id::NodeName;
use crate::node::shared::Shared;
use crate::node::start_on_error::StartOnError;
use crate::remote_processes::loopback::Loopback;
use crate::remote_processes::start::{self, Startable, Started};
use crate::rpc;
use crate::session::linked_starts::LinkedStart;

/// A handle for requests to one node, remote or local, from [`Node::on`].
#[derive(Clone)]
#[must_use = "it does nothing until a request is made"]
pub struct On {
    shared: Arc<Shared>,
    name: String,
}

impl Node {
    /// Returns a handle for requests to the node with this name. Each request looks up the connection, so the handle
    /// remains usable after a reconnect.
    ///
    /// The name of this node is also valid and needs no connection, so code that spreads work over nodes needs no
    /// special case. A local request is checked like a remote one: the type must be [exposed](Self::expose), the
    /// contracts must match, the size is limited by [`Limits::max_message`](crate::wire::Limits::max_message), and the
    /// errors are the same, except that `NoConnection` never occurs. To start a server on this node without exposing
    /// its type, use the server's own `start`.
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{Node, transport::Memory};
    /// # pub struct Counter(u64);
    /// #[gen_server(remote = "shop.counter")]
    /// impl Counter {
    ///     #[init]
    ///     fn new(value: u64) -> Self { Self(value) }
    ///     #[call]
    ///     fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let b_system = ambit::system::System::builder().build()?;
    /// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// # let b = Node::builder("b").system(b_system).transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
    /// // On b:
    /// b.expose::<Counter>();
    /// // On a:
    /// a.connect(b.local_addr()).await?;
    /// let counter: CounterSubject = a.on("b").start::<Counter>((40,)).await?;
    /// assert_eq!(counter.add(2).await?, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(&self, name: impl Into<String>) -> On {
        On {
            shared: self.shared().clone(),
            name: name.into(),
        }
    }
}

impl On {
    /// Starts a server of type `S` on the node, which must [expose](Node::expose) this type. `args` is a tuple with the
    /// arguments of the server's `#[init]`. (Erlang: `spawn/4` with a node.)
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

    /// Calls the `#[rpc]` function `R` on the node, which must [expose](Node::expose_rpc) it. The function runs on that
    /// node in its own process. (Erlang: `erpc:call/4`.)
    ///
    /// The timeout is 5 s, unless the function or [`timeout`](CallOn::timeout) sets another. If the caller stops
    /// waiting, the process of the function is killed. See [`CallOn`] for the errors.
    pub fn call<R: Rpc>(&self, request: R) -> CallOn<R> {
        CallOn {
            on: self.clone(),
            request: Some(request),
            timeout: Some(R::TIMEOUT),
            pending: None,
        }
    }

    /// Returns the way to the node, or `None` if it is not connected.
    fn route(&self) -> Option<RequestRoute> {
        let name: NodeName = self.name.parse().ok()?;
        if name == self.shared.node_context.id().name {
            let (loopback, node) = Loopback::new(&self.shared);
            return Some(RequestRoute {
                node,
                peer: RequestTarget::Local(loopback),
            });
        }
        let session = self.shared.session(&name)?;
        Some(RequestRoute {
            node: session.peer_incarnation().node(),
            peer: RequestTarget::Remote(name),
        })
    }
}

impl fmt::Debug for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "On({})", self.name)
    }
}

/// The way to a node: its remote proxy and the target of the request.
struct RequestRoute {
    node: Arc<RemoteProxy<AnyCodec>>,
    peer: RequestTarget,
}

/// The target of a request.
enum RequestTarget {
    Local(Arc<Loopback>),
    Remote(NodeName),
}

impl RequestTarget {
    /// Begins a linked start on another node.
    fn begin_linked(&self, shared: &Shared, starter: Pid) -> Option<LinkedStart> {
        let Self::Remote(name) = self else {
            return None;
        };
        let session = shared.session(name)?;
        let starter = session.local_address(starter)?;
        Some(session.linked_starts.begin(starter))
    }

    /// Stops the server of a start whose answer may have arrived, but was not taken.
    fn cancel_start(&self, shared: &Shared, id: u64) {
        if let Self::Remote(name) = self
            && let Some(session) = shared.session(name)
        {
            session.cancel_start(id);
        }
    }

    /// Confirms that the starter holds a subject of the server that it started.
    fn claims(&self, shared: &Shared, server: Pid) {
        match self {
            Self::Local(loopback) => loopback.claims(),
            Self::Remote(name) => {
                if let Some(session) = shared.session(name) {
                    session.claims(server);
                }
            }
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
    /// Links the server to the process that awaits the start: if one of the two ends, the other receives an exit
    /// signal, even if the server ends immediately. If the caller is not a process, the start fails with
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
            server: S::Protocol::REMOTE,
            error,
        }
    }

    fn not_started(&self, error: StartError) -> StartOnError {
        StartOnError::Start {
            node: self.on.name.clone(),
            server: S::Protocol::REMOTE,
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
        let method = tag(S::Protocol::REMOTE);
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

const NOT_CONNECTED: CallError = CallError::NoConnection {
    executed: Executed::No,
};

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
        write!(f, "StartOn({}, {})", self.on.name, S::Protocol::REMOTE)
    }
}

/// A call of a function on a node, from [`On::call`]. The request is sent at the first poll.
///
/// # Errors
/// Fails with a [`CallError`]:
/// - `NoConnection` if the node is not connected, or the connection was lost before the answer; `executed` states
///   whether the function may have run.
/// - `NotExposed` if the node does not expose the function. It did not run.
/// - `Incompatible` if the two nodes define the function differently. It did not run.
/// - `Full` if too many requests of this node are pending on the other node. The function did not run.
/// - `Timeout` if no answer arrived in time. The function may have run in part; its process is killed.
/// - `Exited` if the function panicked or its process was stopped. The function may have run in part.
/// - `TooLarge` if the arguments or the result exceed the size limit. In the case of the result, the function ran.
/// - `Unsendable` if the arguments or the result cannot be encoded. In the case of the result, the function ran.
/// - `NoReply` if the result could not be decoded. The function ran.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. If it is dropped later, before it is ready, the process of
/// the function is killed.
#[must_use = "a call does nothing until it is awaited"]
pub struct CallOn<R: Rpc> {
    on: On,
    request: Option<R>,
    timeout: Option<Duration>,
    pending: Option<Pending<R::Output>>,
}

impl<R: Rpc> CallOn<R> {
    /// Sets how long to wait for the answer. The default is the timeout of the function, [`Rpc::TIMEOUT`], which is 5 s
    /// unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Removes the time limit. The call still fails when the connection is lost.
    pub fn no_timeout(mut self) -> Self {
        self.timeout = None;
        self
    }

    /// Sends the request without waiting, and returns the pending answer. The timeout begins with this call. Dropping
    /// the pending answer kills the process of the function.
    ///
    /// # Errors
    /// The request was not sent. The pending answer returns all other errors of [`CallOn`].
    /// - `NoConnection` if the node is not connected.
    /// - `Unsendable` if two types that the function uses have the same wire name.
    pub fn send(mut self) -> Result<Pending<R::Output>, CallError> {
        self.ask()
    }

    fn ask(&mut self) -> Result<Pending<R::Output>, CallError> {
        let request = self.request.take().ok_or(CallError::NoReply)?;
        let RequestRoute { node, .. } = self.on.route().ok_or(NOT_CONNECTED)?;
        let protocol = rpc::binding::<R>().map_err(|clash| CallError::Unsendable {
            why: clash.to_string(),
        })?;
        let call = NodeRequest::new(&node, protocol, tag(R::NAME)).timeout(self.timeout);
        Ok(call.ask(|out| Wire::put(&request, out)))
    }
}

impl<R: Rpc> Unpin for CallOn<R> {}

impl<R: Rpc> Future for CallOn<R> {
    type Output = Result<R::Output, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.pending.is_none() {
            this.pending = Some(this.ask()?);
        }
        match &mut this.pending {
            Some(pending) => Pin::new(pending).poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<R: Rpc> fmt::Debug for CallOn<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallOn({}, {})", self.on.name, R::NAME)
    }
}
