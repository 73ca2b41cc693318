//! Why two nodes do not become a session.

use crate::handshake::versions::Versions;
use crate::node::id::{ClusterName, NodeName};
use crate::wire::{CloseCode, WireError};

/// The longest text of a peer that is shown, in characters.
const SHOWN: usize = 200;

/// Why two nodes do not become a session: what the other one is told when the connection is closed, or what it told.
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

    /// What a peer said when it closed the connection: shortened, and without what would make a mess of a terminal.
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
        let text = format!("the certificate is not for `{name}` in `{cluster}`");
        Self::new(CloseCode::Name, text)
    }

    pub(super) fn codec() -> Self {
        Self::new(CloseCode::Version, "the nodes have no codec in common")
    }
}

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self::new(error.close_code(), error.to_string())
    }
}

/// Text of a peer for a terminal or a log: one line, not too long, and nothing that moves or turns what stands around it.
pub(super) fn printable(text: &str) -> String {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let mut shown = text.chars().filter(|c| !c.is_control() && !invisible(*c));
    let mut text: String = shown.by_ref().take(SHOWN).collect();
    if shown.next().is_some() {
        text.push('…');
    }
    text
}
