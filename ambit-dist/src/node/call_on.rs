//! Calls of functions on a node, remote or local.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::distribution::NodeRequest;
use ambit::error::CallError;
use ambit::message::{Rpc, tag};
use ambit::server::Pending;

use crate::node::requests::{NOT_CONNECTED, On, RequestRoute};
use crate::rpc;

impl On {
    /// Calls the `#[rpc]` function `R` on the node, which must [expose](crate::Node::expose_rpc) it. The function
    /// runs on that node in its own process. (Erlang: `erpc:call/4`.)
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
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// # use ambit_dist::{Node, transport::Memory};
///
/// #[ambit::rpc(name = "geo.area")]
/// async fn area(w: f64, h: f64) -> f64 { w * h }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.expose_rpc::<area>();
/// let answer = node.on("a").call(area(2.0, 3.0)).timeout(Duration::from_secs(10)).await?;
/// assert_eq!(answer, 6.0);
///
/// let lost = node.on("b").call(area(2.0, 3.0)).await;
/// assert_eq!(lost, Err(CallError::NoConnection { executed: Executed::No }));
/// # Ok(())
/// # }
/// ```
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
        Ok(call.ask(|out| request.put_arguments(out)))
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
