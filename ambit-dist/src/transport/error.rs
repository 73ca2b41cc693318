//! The errors of binding, dialling and accepting, and the causes for which connections end.

use std::io;
use std::net::SocketAddr;

use crate::wire::CloseCode;

/// The error of binding an address.
///
/// ```
/// use ambit_dist::transport::{BindError, Memory, Transport};
///
/// let network = Memory::new();
/// let first = network.bind("10.0.0.1:9000".parse()?)?;
/// let second = network.bind(first.local_addr());
/// assert!(matches!(second, Err(BindError::InUse { address }) if address == first.local_addr()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program, or another node of this program, uses the port. Retry when the port is free.
    #[error(
        "{address} is in use: stop what listens there, or listen on another port (0 takes a free one)"
    )]
    InUse {
        /// The requested address.
        address: SocketAddr,
    },
    /// The operating system does not allow this program to use the port. Do not retry.
    #[error(
        "not allowed to listen on {address}: take a port above 1023, or run with the right to use it"
    )]
    Denied {
        /// The requested address.
        address: SocketAddr,
    },
    /// No interface of this machine has the address. Do not retry.
    #[error(
        "{address} is no address of this machine: listen on one of its own, or on [::] for all of them"
    )]
    NoSuchAddress {
        /// The requested address.
        address: SocketAddr,
    },
    /// QUIC cannot use the credentials, because they lack the cipher suite `TLS13_AES_128_GCM_SHA256`. Do not retry.
    #[error(
        "the credentials leave out TLS13_AES_128_GCM_SHA256, with which QUIC begins: let them offer it"
    )]
    Credentials,
    /// The operating system refused for another reason.
    #[error("cannot listen on {address}: {source}")]
    System {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The error of a failed connection attempt.
///
/// ```
/// use ambit_dist::transport::DialError;
/// use ambit_dist::wire::CloseCode;
/// /// Returns true if dialling the address again may succeed without a change of the configuration.
/// fn may_retry(error: &DialError) -> bool {
///     match error {
///         DialError::Unreachable { .. } => true,
///         DialError::Closed { code, .. } => *code == CloseCode::Overloaded,
///         _ => false,
///     }
/// }
///
/// let address = "10.0.0.2:9000".parse()?;
/// assert!(may_retry(&DialError::Unreachable { address }));
/// assert!(!may_retry(&DialError::Certificate { address, text: "unknown issuer".to_owned() }));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// No node answers at the address. Retry: the node may be starting.
    #[error(
        "nothing answers at {address}: check that the node runs there, and that firewalls let UDP through to that port"
    )]
    Unreachable {
        /// The dialled address.
        address: SocketAddr,
    },
    /// The two nodes do not trust each other. Do not retry.
    #[error(
        "the certificate of the node at {address} is not trusted ({text}): give both nodes the same cookie or CA"
    )]
    Certificate {
        /// The dialled address.
        address: SocketAddr,
        /// The details.
        text: String,
    },
    /// The node at the address is not the requested one. Do not retry.
    #[error("the node at {address} is not {server_name}: check the address and the name")]
    Name {
        /// The dialled address.
        address: SocketAddr,
        /// The name of the requested node.
        server_name: String,
    },
    /// The peer uses another protocol, or another major version of `ambit/1`. Do not retry.
    #[error(
        "the program at {address} does not speak ambit/1 ({text}): check the port and the versions of both nodes"
    )]
    Protocol {
        /// The dialled address.
        address: SocketAddr,
        /// The details.
        text: String,
    },
    /// The node closed the connection before it was established. Whether a retry can succeed depends on `code`.
    #[error("the node at {address} refuses: {code}{}", after_colon(text))]
    Closed {
        /// The dialled address.
        address: SocketAddr,
        /// The reason, as a code.
        code: CloseCode,
        /// The explanation that the node sent.
        text: String,
    },
    /// This node could not start the attempt. Retry once the cause is fixed.
    #[error("cannot dial {address}: {text}")]
    Local {
        /// The dialled address.
        address: SocketAddr,
        /// The cause.
        text: String,
    },
}

/// The error of an incoming connection that failed. The other node decides whether to dial again.
///
/// ```
/// use ambit_dist::transport::{AcceptError, Dial, Memory, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// let dial = Dial { address: b.local_addr(), server_name: "any.prod.ambit".to_owned() };
/// let incoming = tokio::select! {
///     biased;
///     _ = a.dial(dial) => unreachable!("the connection is not accepted yet"),
///     incoming = b.accept() => incoming.expect("open"),
/// };
/// // The dialling node has given up.
/// assert!(matches!(incoming.finish().await, Err(AcceptError::Closed(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The other node presented no certificate, or one that this node does not trust: it has another cookie or another
    /// CA.
    #[error("its certificate is not trusted ({0})")]
    Certificate(String),
    /// The other node does not trust this node's certificate: it has another cookie or another CA.
    #[error("it does not trust this node's certificate ({0})")]
    Distrusted(String),
    /// The other node uses another protocol, or another major version of `ambit/1`.
    #[error("it does not speak ambit/1 ({0})")]
    Protocol(String),
    /// The connection ended during the handshake.
    #[error(transparent)]
    Closed(#[from] Closed),
}

/// The maximum length of a text from another node that is kept, in characters.
const MAX_TEXT: usize = 256;

/// The cause for which a connection ended.
///
/// ```
/// use ambit_dist::transport::Closed;
/// use ambit_dist::wire::CloseCode;
///
/// /// Returns true if dialling the other node again makes sense.
/// fn should_dial_again(cause: &Closed) -> bool {
///     matches!(cause, Closed::TimedOut | Closed::Reset | Closed::Transport(_))
/// }
///
/// assert!(should_dial_again(&Closed::TimedOut));
/// let leaves = Closed::by_peer(CloseCode::GoAway, b"maintenance");
/// assert!(!should_dial_again(&leaves));
/// assert_eq!(leaves.to_string(), "closed by the other node: the node leaves: maintenance");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// This node closed the connection.
    #[error("closed by this node")]
    Local,
    /// The other node closed the connection.
    #[error("closed by the other node: {code}{}", after_colon(text))]
    Peer {
        /// The reason, as a code.
        code: CloseCode,
        /// The explanation that the other node sent: at most 256 characters, without control characters.
        text: String,
    },
    /// Nothing was received from the other node for the idle timeout. Dial again.
    #[error("the other node sent nothing within the idle timeout")]
    TimedOut,
    /// The other node does not know the connection, because its program was restarted. Dial again.
    #[error("the other node was restarted and no longer has this connection")]
    Reset,
    /// The other node does not accept this node's certificate: it has another cookie or another CA.
    #[error(
        "the other node refuses this node's certificate ({0}): give both nodes the same cookie or CA"
    )]
    Certificate(String),
    /// The underlying transport failed.
    #[error("the transport failed: {0}")]
    Transport(String),
}

impl Closed {
    /// Creates the cause of a connection that the other node closed with this code and text. The text is shortened to
    /// 256 characters, and its control characters are removed.
    #[must_use]
    pub fn by_peer(code: CloseCode, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let shown = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT);
        Self::Peer {
            code,
            text: shown.collect(),
        }
    }
}

/// Formats the text that follows a code, if it is not empty.
pub(super) fn after_colon(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(": {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_another_node_is_shortened_and_controls_no_terminal() {
        let text = format!("\u{1b}[31mred\r\n{}", "x".repeat(1000));
        let Closed::Peer { text, .. } = Closed::by_peer(CloseCode::Normal, text.as_bytes()) else {
            panic!("closed by the peer");
        };
        assert!(text.starts_with("[31mredxxx"), "{text}");
        assert_eq!(text.chars().count(), MAX_TEXT);
    }

    #[test]
    fn an_invalid_utf8_text_is_shown_lossily() {
        let closed = Closed::by_peer(CloseCode::GoAway, b"bye\xff");
        assert_eq!(
            closed.to_string(),
            "closed by the other node: the node leaves: bye\u{fffd}"
        );
        let silent = Closed::by_peer(CloseCode::GoAway, b"");
        assert_eq!(
            silent.to_string(),
            "closed by the other node: the node leaves"
        );
    }
}
