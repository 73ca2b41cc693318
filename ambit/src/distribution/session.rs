//! Another node, and the open connection to it.

use std::sync::Arc;

use crate::distribution::remote_envelope::{RemoteEnvelope, SendOutcome};
use crate::message::{Codec, ProcessEncoding};
use crate::pid::Pid;
use crate::process::node_signal::Signal;

/// One incarnation of another node, reached through one session at a time.
pub trait Peer<C: Codec>: Send + Sync + 'static {
    /// Returns the open session; `None` while the node is not connected.
    fn session(&self) -> Option<Arc<dyn Session<C>>>;

    /// Handles the drop of the last handle to the process `pid`.
    fn forget(&self, pid: Pid);
}

/// An open connection to another node.
pub trait Session<C: Codec>: ProcessEncoding<C> {
    /// Returns the codec that the two nodes have agreed on.
    fn codec(&self) -> C;

    /// Returns the name of the other node, for logs.
    fn peer(&self) -> String;

    /// Returns the maximum size of a message in bytes.
    fn limit(&self) -> usize;

    /// Returns true once the session has ended or is being closed: nothing may be sent with it any more. True before the
    /// proxies of its processes are notified of its loss.
    fn is_over(&self) -> bool;

    /// Returns the number of credits that a message of `bytes` bytes costs: at least one, and never more than are
    /// available again once all earlier messages have been handled.
    fn cost(&self, bytes: usize) -> u32;

    /// Sends a message, after all earlier messages and signals from its sender to its receiver. Called under the lock of
    /// the proxy: the caller of a call that fails must not be notified here, but is returned.
    ///
    /// # Errors
    /// Returns the message if the byte queue of the session is full. The session calls
    /// [`RemoteProxy::go_on`](crate::distribution::RemoteProxy::go_on) when the queue has capacity again.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    fn send(&self, envelope: RemoteEnvelope<C>) -> Result<SendOutcome<C>, RemoteEnvelope<C>>;

    /// Sends a signal to the process `to`, after all earlier messages and signals from its sender to `to`. Never fails.
    fn signal(&self, to: Pid, signal: Signal);

    /// Cancels the request with this number: the caller no longer waits for the reply.
    fn cancel(&self, id: u64);
}
