//! Another node, and the open connection to it.

use std::sync::Arc;

use crate::distribution::remote_envelope::{RemoteEnvelope, SendOutcome};
use crate::message::{Codec, ProcessEncoding};
use crate::pid::Pid;
use crate::process::node_signal::Signal;

/// One incarnation of another node, which may be reached through consecutive sessions.
pub trait Peer<C: Codec>: Send + Sync + 'static {
    /// Returns the session that is open now.
    fn session(&self) -> Option<Arc<dyn Session<C>>>;

    /// Handles the drop of the last handle on a process.
    fn forget(&self, pid: Pid);
}

/// An open connection to another node.
pub trait Session<C: Codec>: ProcessEncoding<C> {
    /// Returns the codec that the two nodes have agreed on.
    fn codec(&self) -> C;

    /// Returns the name of the other node, for logs.
    fn peer(&self) -> String;

    /// Returns the size limit of a message in bytes.
    fn limit(&self) -> usize;

    /// Returns the credits that a message of `bytes` bytes costs: at least one, and never more than come back when
    /// everything before it has been handled.
    fn cost(&self, bytes: usize) -> u32;

    /// Sends a message, after everything else from its sender to its receiver.
    ///
    /// # Errors
    /// Returns the message if the byte queue is full; [`RemoteProxy::go_on`](crate::distribution::RemoteProxy::go_on) is called when it has capacity again.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    fn send(&self, envelope: RemoteEnvelope<C>) -> Result<SendOutcome, RemoteEnvelope<C>>;

    /// Sends a signal, after everything else from its sender to its receiver. It never fails.
    fn signal(&self, to: Pid, signal: Signal);

    /// Cancels this request: the caller no longer waits for its answer.
    fn cancel(&self, id: u64);
}
