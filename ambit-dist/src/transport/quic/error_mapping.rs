//! Converts the causes that QUIC reports into errors of nodes.

use std::net::SocketAddr;

use quinn::{ConnectError, ConnectionError, TransportErrorCode, VarInt};
use rustls::AlertDescription;

use crate::transport::{AcceptError, Closed, Dial, DialError, ReadError, WriteError};
use crate::wire::CloseCode;

/// Codes from this number on are TLS alerts.
const ALERTS: u64 = 0x100;

pub(super) fn number(code: CloseCode) -> VarInt {
    VarInt::from_u32(code.number())
}

/// Converts the number of a peer. A number above all codes of nodes becomes the greatest code.
pub(super) fn code(number: VarInt) -> CloseCode {
    CloseCode::from_number(u32::try_from(number.into_inner()).unwrap_or(u32::MAX))
}

/// The cause of a failed handshake.
enum Fault {
    /// The identity of one of the nodes.
    Certificate(String),
    /// The protocols of the nodes.
    Protocol(String),
}

/// Returns the cause that a TLS alert reports; `None` if the code is not an alert.
fn alert(code: TransportErrorCode, reason: &str) -> Option<Fault> {
    use AlertDescription as Alert;

    let alert = u64::from(code).checked_sub(ALERTS)?;
    let alert = Alert::from(u8::try_from(alert).ok()?);
    let text = match reason {
        "" => format!("{alert:?}"),
        reason => reason.to_owned(),
    };
    Some(match alert {
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::DecryptError
        | Alert::CertificateRequired => Fault::Certificate(text),
        Alert::NoApplicationProtocol => Fault::Protocol("it offers other protocols".to_owned()),
        _ => Fault::Protocol(text),
    })
}

/// Returns how a connection ended.
pub(super) fn closed(error: ConnectionError) -> Closed {
    match error {
        ConnectionError::LocallyClosed => Closed::Local,
        ConnectionError::ApplicationClosed(close) => {
            Closed::by_peer(code(close.error_code), &close.reason)
        }
        ConnectionError::TimedOut => Closed::TimedOut,
        ConnectionError::Reset => Closed::Reset,
        ConnectionError::ConnectionClosed(close) => match alert(close.error_code, "") {
            Some(Fault::Certificate(text)) => Closed::Certificate(text),
            Some(Fault::Protocol(text)) => Closed::Transport(text),
            None => Closed::Transport(close.to_string()),
        },
        ConnectionError::VersionMismatch
        | ConnectionError::TransportError(_)
        | ConnectionError::CidsExhausted => Closed::Transport(error.to_string()),
    }
}

/// Returns why a dial failed.
pub(super) fn dial(dial: &Dial, error: ConnectionError) -> DialError {
    let address = dial.address;
    let protocol = |text| DialError::Protocol { address, text };
    match error {
        ConnectionError::TimedOut | ConnectionError::Reset => DialError::Unreachable { address },
        ConnectionError::TransportError(error) => match alert(error.code, &error.reason) {
            // TLS has no specific alert for this.
            Some(Fault::Certificate(text)) if text.contains("not valid for name") => {
                let server_name = dial.server_name.clone();
                DialError::Name {
                    address,
                    server_name,
                }
            }
            Some(Fault::Certificate(text)) => DialError::Certificate { address, text },
            Some(Fault::Protocol(text)) => protocol(text),
            None => protocol(error.to_string()),
        },
        ConnectionError::ConnectionClosed(close) => match alert(close.error_code, "") {
            Some(Fault::Certificate(text)) => DialError::Certificate { address, text },
            Some(Fault::Protocol(text)) => protocol(text),
            None => {
                given_up(address, close.error_code).unwrap_or_else(|| protocol(close.to_string()))
            }
        },
        ConnectionError::ApplicationClosed(_) => refused(address, closed(error)),
        ConnectionError::VersionMismatch => {
            protocol("it speaks another version of QUIC".to_owned())
        }
        ConnectionError::LocallyClosed => local(address, "this transport is closed"),
        ConnectionError::CidsExhausted => local(address, "there are too many connections"),
    }
}

/// Returns the decision that the other node made before it knew the dialler.
fn given_up(address: SocketAddr, why: TransportErrorCode) -> Option<DialError> {
    let (code, text) = match why {
        TransportErrorCode::CONNECTION_REFUSED => (
            CloseCode::Overloaded,
            "too many handshakes are unfinished there, in all or from this address",
        ),
        TransportErrorCode::APPLICATION_ERROR => (
            CloseCode::HandshakeTimeout,
            "the peer aborted the handshake",
        ),
        _ => return None,
    };
    Some(DialError::Closed {
        address,
        code,
        text: text.to_owned(),
    })
}

fn refused(address: SocketAddr, closed: Closed) -> DialError {
    match closed {
        Closed::Peer { code, text } => DialError::Closed {
            address,
            code,
            text,
        },
        other => DialError::Protocol {
            address,
            text: other.to_string(),
        },
    }
}

pub(super) fn local(address: SocketAddr, text: &str) -> DialError {
    let text = text.to_owned();
    DialError::Local { address, text }
}

/// Returns why a dial could not start.
pub(super) fn connect(dial: &Dial, error: &ConnectError) -> DialError {
    let address = dial.address;
    match error {
        ConnectError::EndpointStopping => local(address, "this transport is closed"),
        ConnectError::InvalidRemoteAddress(_) => local(
            address,
            "no node can be there, or this one listens on IPv4 only: listen on [::] for both",
        ),
        ConnectError::InvalidServerName(name) => {
            local(address, &format!("`{name}` cannot be in a certificate"))
        }
        other => local(address, &other.to_string()),
    }
}

/// Returns why a connection from another node failed.
pub(super) fn accept(error: ConnectionError) -> AcceptError {
    if let ConnectionError::TransportError(error) = &error {
        match alert(error.code, &error.reason) {
            Some(Fault::Certificate(text)) => return AcceptError::Certificate(text),
            Some(Fault::Protocol(text)) => return AcceptError::Protocol(text),
            None => {}
        }
    }
    match closed(error) {
        Closed::Certificate(text) => AcceptError::Distrusted(text),
        other => AcceptError::Closed(other),
    }
}

pub(super) fn write(error: quinn::WriteError) -> WriteError {
    match error {
        quinn::WriteError::Stopped(number) => WriteError::Stopped(code(number)),
        quinn::WriteError::ConnectionLost(error) => WriteError::Closed(closed(error)),
        quinn::WriteError::ClosedStream => WriteError::Finished,
        // No data is ever sent early.
        early @ quinn::WriteError::ZeroRttRejected => {
            WriteError::Closed(Closed::Transport(early.to_string()))
        }
    }
}

pub(super) fn read(error: quinn::ReadError) -> ReadError {
    match error {
        quinn::ReadError::Reset(number) => ReadError::Reset(code(number)),
        quinn::ReadError::ConnectionLost(error) => ReadError::Closed(closed(error)),
        quinn::ReadError::ClosedStream => ReadError::Stopped,
        // No data is ever sent early or read out of order.
        other => ReadError::Closed(Closed::Transport(other.to_string())),
    }
}
