//! The refusal of a handshake.

use std::net::SocketAddr;

use crate::handshake::versions::Versions;
use crate::node::connection_manager::Verdict;
use crate::node::id::{ClusterName, Incarnation, NodeName};
use crate::wire::{CloseCode, WireError};

/// The text before the number of a later incarnation. It is part of the protocol.
const LATER: &str = "the later life ";

/// The text of a node that was dialled by itself. It is part of the protocol.
const ITSELF: &str = "a node does not connect to itself";

/// The maximum length of a peer's text in logs, in characters.
const SHOWN: usize = 200;

/// The refusal of a handshake: the code and text that one node sends to the other when it closes the connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub(crate) struct Refusal {
    code: CloseCode,
    text: String,
}

impl Refusal {
    pub(crate) fn new(code: CloseCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// Builds a refusal from a peer's close: truncated, and without characters that corrupt a terminal.
    pub(crate) fn received(code: CloseCode, text: &str) -> Self {
        Self::new(code, printable(text))
    }

    pub(crate) fn code(&self) -> CloseCode {
        self.code
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn malformed(reason: &str) -> Self {
        let text = format!("the handshake is malformed: {reason}");
        Self::new(CloseCode::Malformed, text)
    }

    pub(super) fn version(ours: Versions, theirs: Versions) -> Self {
        let text = format!("one node speaks version {ours} of ambit/1, the other {theirs}");
        Self::new(CloseCode::Version, text)
    }

    pub(super) fn cluster(ours: &ClusterName, theirs: &ClusterName) -> Self {
        let text = format!("one node is of the cluster `{ours}`, the other of `{theirs}`");
        Self::new(CloseCode::Cluster, text)
    }

    pub(super) fn certificate(name: &NodeName, cluster: &ClusterName) -> Self {
        let text = format!(
            "the certificate is not for `{name}` in `{cluster}` (wildcards are not accepted)"
        );
        Self::new(CloseCode::Name, text)
    }

    /// Refuses a node because a later incarnation is known, and names its address. The peer parses the number: see
    /// [`later`](Self::later).
    pub(crate) fn stale(name: &NodeName, later: Incarnation, at: Option<SocketAddr>) -> Self {
        let at = at.map(|at| format!(", at {at}")).unwrap_or_default();
        let text = format!("of `{name}` {LATER}{later} is known{at}");
        Self::new(CloseCode::StaleIncarnation, text)
    }

    /// Refuses this node itself, which has dialled its own address.
    pub(crate) fn itself() -> Self {
        Self::new(CloseCode::Name, ITSELF)
    }

    /// Returns whether a node closed the connection because it had dialled itself.
    pub(crate) fn is_itself(code: CloseCode, text: &str) -> bool {
        code == CloseCode::Name && text == ITSELF
    }

    /// Refuses a node whose incarnation starts this many days in the future.
    pub(crate) fn future(name: &NodeName, days: u64) -> Self {
        Self::malformed(&format!(
            "this incarnation of `{name}` starts {days} days in the future: set the clocks of both nodes"
        ))
    }

    /// Returns the later incarnation of this node that the peer knows, if the peer closed the connection for that
    /// reason.
    pub(crate) fn later(code: CloseCode, text: &str) -> Option<Incarnation> {
        let (_, rest) = text.split_once(LATER)?;
        let number = rest.split(' ').next()?;
        let number = u64::from_str_radix(number, 16).ok()?;
        (code == CloseCode::StaleIncarnation).then_some(Incarnation(number))
    }

    pub(super) fn codec() -> Self {
        Self::new(CloseCode::Version, "the nodes have no codec in common")
    }
}

impl From<Refusal> for Verdict {
    fn from(Refusal { code, text }: Refusal) -> Self {
        Self::Refuse { code, text }
    }
}

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self::new(error.close_code(), error.to_string())
    }
}

/// Makes a peer's text safe for a terminal or log: one line of limited length, without control or invisible characters.
pub(super) fn printable(text: &str) -> String {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let mut shown = text.chars().filter(|c| !c.is_control() && !invisible(*c));
    let mut text: String = shown.by_ref().take(SHOWN).collect();
    if shown.next().is_some() {
        text.push('…');
    }
    text
}
