//! The reasons for closing a connection, encoded as numbers.

use std::fmt;

/// The reason for which a node closes a connection, as sent to the other node.
///
/// ```
/// use ambit_dist::wire::CloseCode;
///
/// assert_eq!(CloseCode::GoAway.number(), 1);
/// assert_eq!(CloseCode::from_number(0x20), CloseCode::TooLarge);
/// // A later version may define more numbers.
/// assert_eq!(CloseCode::from_number(0x99), CloseCode::Other(0x99));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CloseCode {
    /// The connection is no longer needed.
    Normal,
    /// The node that closes the connection leaves the cluster.
    GoAway,
    /// The two nodes have another connection, which stays open.
    Duplicate,
    /// The nodes support no common protocol version or no common codec.
    Version,
    /// The nodes belong to different clusters.
    Cluster,
    /// The node may not use its name: its certificate is not for the name, or another node has the name.
    Name,
    /// A later incarnation of the node is known.
    StaleIncarnation,
    /// The node is not admitted: it is refused by name or by an admit hook, or its certificate is no longer accepted.
    Quarantined,
    /// A frame, message or count exceeds its agreed limit.
    TooLarge,
    /// The bytes are not a frame, or the frame is not allowed at this point of the stream.
    Malformed,
    /// The peer sent more messages than it had credits for, or granted more credits than the window allows.
    FlowViolation,
    /// The handshake was not complete within its timeout.
    HandshakeTimeout,
    /// The node accepts no more connections, or one of the two nodes cannot keep up with this one.
    Overloaded,
    /// The other node did not answer heartbeats.
    Silent,
    /// The node that closes the connection had an internal error.
    Internal,
    /// A number that this version does not define.
    Other(u32),
}

/// The number of each code; `Other` covers the rest.
const NUMBERS: [(CloseCode, u32); 15] = [
    (CloseCode::Normal, 0),
    (CloseCode::GoAway, 1),
    (CloseCode::Duplicate, 2),
    (CloseCode::Version, 0x10),
    (CloseCode::Cluster, 0x11),
    (CloseCode::Name, 0x12),
    (CloseCode::StaleIncarnation, 0x13),
    (CloseCode::Quarantined, 0x14),
    (CloseCode::TooLarge, 0x20),
    (CloseCode::Malformed, 0x21),
    (CloseCode::FlowViolation, 0x22),
    (CloseCode::HandshakeTimeout, 0x23),
    (CloseCode::Overloaded, 0x24),
    (CloseCode::Silent, 0x25),
    (CloseCode::Internal, 0x30),
];

impl CloseCode {
    /// Returns the number that encodes this code on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        if let Self::Other(number) = self {
            return number;
        }
        let known = NUMBERS.iter().find(|(code, _)| *code == self);
        known.map_or(0, |(_, number)| *number)
    }

    /// Returns the code with this number, or [`Other`](Self::Other) if this version does not define the number.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        let known = NUMBERS.iter().find(|(_, known)| *known == number);
        known.map_or(Self::Other(number), |(code, _)| *code)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "closed",
            Self::GoAway => "the node leaves",
            Self::Duplicate => "there is another connection to this node",
            Self::Version => "the nodes have no protocol version or codec in common",
            Self::Cluster => "the nodes belong to different clusters",
            Self::Name => "the node is not permitted to use this name",
            Self::StaleIncarnation => "a later incarnation of the node is known",
            Self::Quarantined => "the node is not admitted",
            Self::TooLarge => "a frame or message above the limit",
            Self::Malformed => "malformed bytes",
            Self::FlowViolation => "more messages than credits",
            Self::HandshakeTimeout => "the handshake took too long",
            Self::Overloaded => "the node is overloaded",
            Self::Silent => "the other node is silent",
            Self::Internal => "an internal error of the node",
            Self::Other(number) => return write!(f, "code {number:#x}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_close_code_has_its_own_number_and_round_trips() {
        for (code, number) in NUMBERS {
            assert_eq!(
                (code.number(), CloseCode::from_number(number)),
                (number, code)
            );
        }
        assert_eq!(CloseCode::from_number(999), CloseCode::Other(999));
        assert_eq!(CloseCode::Other(999).number(), 999);
    }
}
