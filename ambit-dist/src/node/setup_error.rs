//! Maps transport and handshake failures to the errors of a node.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::handshake::Refusal;
use crate::node::down_reason::DownReason;
use crate::node::error::ConnectError;
use crate::node::id::{Incarnation, NodeName};
use crate::session::SessionEnd;
use crate::transport::{Closed, Connection, DialError};
use crate::wire::CloseCode;

/// The failure of a dial.
pub(crate) enum SetupError {
    TimedOut,
    Dial(DialError),
    /// The other end closed the connection, or it broke.
    Ended(Closed),
    /// The other end refused this connection because it has another one with this node.
    Duplicate(Arc<dyn Connection>),
    /// This end refused the other.
    Refused(CloseCode, String),
}

/// Maps the failure of a dial. `own` is the name of this node.
pub(crate) fn of_dial(address: SocketAddr, own: &NodeName, why: SetupError) -> ConnectError {
    match why {
        SetupError::TimedOut => ConnectError::TimedOut { address },
        SetupError::Dial(error) => not_dialled(address, own, error),
        SetupError::Ended(closed) => of_closed(address, own, closed),
        SetupError::Duplicate(_) => ConnectError::Duplicate { address },
        // This node refused the other one.
        SetupError::Refused(CloseCode::Name, reason) => ConnectError::WrongNode { address, reason },
        SetupError::Refused(code, reason) => of_code(address, own, code, reason),
    }
}

/// Returns the later incarnation of this node that the other node knows, if it refused the dial for that reason.
pub(crate) fn later(why: &SetupError) -> Option<Incarnation> {
    match why {
        SetupError::Ended(closed) => later_in(closed),
        SetupError::Dial(DialError::Closed { code, text, .. }) => Refusal::later(*code, text),
        _ => None,
    }
}

/// Returns the later incarnation named in the close of a connection.
pub(crate) fn later_in(closed: &Closed) -> Option<Incarnation> {
    match closed {
        Closed::Peer { code, text } => Refusal::later(*code, text),
        _ => None,
    }
}

fn not_dialled(address: SocketAddr, own: &NodeName, error: DialError) -> ConnectError {
    match error {
        DialError::Unreachable { .. } => ConnectError::Unreachable {
            address,
            reason: "nothing answers".into(),
        },
        DialError::Certificate { text, .. } => ConnectError::Untrusted {
            address,
            reason: text,
        },
        DialError::Name { server_name, .. } => ConnectError::WrongNode {
            address,
            reason: format!("its certificate is not for {server_name}"),
        },
        DialError::Protocol { text, .. } => ConnectError::Version {
            address,
            reason: text,
        },
        DialError::Closed { code, text, .. } => of_code(address, own, code, text),
        DialError::Local { text, .. } => ConnectError::Unreachable {
            address,
            reason: text,
        },
    }
}

fn of_closed(address: SocketAddr, own: &NodeName, closed: Closed) -> ConnectError {
    match closed {
        Closed::Peer { code, text } => {
            let refusal = Refusal::received(code, &text);
            of_code(address, own, code, refusal.text().to_owned())
        }
        Closed::Certificate(reason) => ConnectError::Untrusted { address, reason },
        Closed::TimedOut => ConnectError::TimedOut { address },
        closed @ (Closed::Local | Closed::Reset | Closed::Transport(_)) => {
            ConnectError::Unreachable {
                address,
                reason: closed.to_string(),
            }
        }
    }
}

fn of_code(address: SocketAddr, own: &NodeName, code: CloseCode, reason: String) -> ConnectError {
    let name = own.clone();
    // The address leads back to this node, which did not know that it is its own.
    if Refusal::is_itself(code, &reason) {
        return ConnectError::Itself { address };
    }
    match code {
        CloseCode::Version => ConnectError::Version { address, reason },
        CloseCode::Cluster => ConnectError::Cluster { address, reason },
        CloseCode::Name => ConnectError::NameRefused { name, reason },
        CloseCode::StaleIncarnation => ConnectError::Stale { reason },
        CloseCode::Duplicate => ConnectError::Duplicate { address },
        CloseCode::Quarantined => ConnectError::Quarantined { address, reason },
        CloseCode::Overloaded => ConnectError::Overloaded { address, reason },
        CloseCode::HandshakeTimeout => ConnectError::TimedOut { address },
        code => ConnectError::Refused {
            address,
            code,
            reason,
        },
    }
}

/// Maps the end of a session to the reason for the loss of the node.
pub(crate) fn of_session(ended: SessionEnd) -> DownReason {
    match ended {
        SessionEnd::Here(CloseCode::Normal, _) => DownReason::Disconnected,
        SessionEnd::Here(CloseCode::GoAway, _) | SessionEnd::Left => DownReason::Left,
        SessionEnd::Here(code, text) => DownReason::Refused { code, text },
        SessionEnd::Silent | SessionEnd::Connection(Closed::TimedOut) => DownReason::TimedOut,
        SessionEnd::Connection(Closed::Peer { code, text }) => match code {
            CloseCode::GoAway => DownReason::Left,
            // The network was cut in one direction: this node's answers did not arrive.
            CloseCode::Silent => DownReason::TimedOut,
            // A dropped connection closes without a text, a requested close has one.
            CloseCode::Normal if text.is_empty() => DownReason::Reset("the program ended".into()),
            CloseCode::Normal => DownReason::Closed,
            CloseCode::StaleIncarnation => {
                DownReason::Replaced(Refusal::received(code, &text).text().to_owned())
            }
            code => DownReason::Refused { code, text },
        },
        SessionEnd::Connection(closed) => DownReason::Reset(closed.to_string()),
    }
}
