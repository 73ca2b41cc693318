//! The interface between this system and other nodes, which a transport such as `ambit-dist` implements.
//!
//! Programs do not use this module directly. The pid of a process on another node contains the number of that node's
//! [`Attachment`]. A handle to such a process encodes each message into a [`RemoteEnvelope`], and sends it through the
//! open [`Session`] to the node. The transport passes incoming signals to [`Attachment::accept`], and incoming messages
//! to an [`Exposed`](crate::message::Exposed) process.

mod attach;
mod credit_queue;
mod credit_window;
mod key_changes;
mod local_processes;
mod node_request;
mod protocol_binding;
mod remote_envelope;
mod remote_process;
mod remote_proxy;
mod remote_sink;
mod send_buffer;
mod session;
mod system_protocols;
mod traced;

pub use self::attach::{Attachment, Signals};
pub use self::credit_window::CreditWindow;
pub use self::key_changes::{KeyChange, KeyChanges};
pub use self::local_processes::{
    LocalProcesses, OnExit, adopt, error_reason, is_stopping, leave_report_to_other,
    link_to_parent, own_parent, shut_down, unlink_on_behalf,
};
pub use self::node_request::NodeRequest;
pub use self::protocol_binding::{AgreedProtocol, MethodEncoding, PeerProtocol, ProtocolBinding};
pub use self::remote_envelope::{FailedCall, RemoteEnvelope, Request, SendOutcome};
pub use self::remote_proxy::RemoteProxy;
pub(crate) use self::remote_sink::RemoteSink;
pub use self::send_buffer::SendBuffer;
pub use self::session::{Peer, Session};
pub use self::traced::{arrived, handled};
pub use crate::process::node_signal::Cause;
pub use crate::process::node_signal::Signal;
pub use crate::process::queued_signals::QueuedSignals;
