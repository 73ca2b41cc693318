//! Why bytes from a peer are no part of the protocol.

use crate::wire::close::CloseCode;

/// Why what came from a peer is not of the protocol, or beyond a limit. The connection is closed with
/// [`WireError::close_code`]; to read the same bytes again gives the same error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A frame ends before its fields do.
    #[error("a frame ends inside its fields")]
    Truncated,
    /// A frame goes on after its fields.
    #[error("{left} bytes follow the fields of a frame")]
    TrailingBytes {
        /// How many.
        left: usize,
    },
    /// A number that is not written in the shortest way, or does not fit.
    #[error("a number in a frame is not in its shortest form, or too large")]
    BadNumber,
    /// A name that is not UTF-8.
    #[error("a name in a frame is not UTF-8")]
    NotText,
    /// A kind of frame that this version does not know, and may not skip.
    #[error("no frame has the kind {kind:#04x}; update the older of the two nodes")]
    UnknownKind {
        /// The number that was found.
        kind: u8,
    },
    /// Flags that this version does not know, or not for this kind of frame.
    #[error(
        "a frame of kind {kind:#04x} cannot have the flags {flags:#04x}; update the older of the two nodes"
    )]
    WrongFlags {
        /// The kind of the frame.
        kind: u8,
        /// Its flags.
        flags: u8,
    },
    /// An exit for a cause that this version does not know.
    #[error("no exit has the cause {cause}")]
    UnknownCause {
        /// The number that was found.
        cause: u8,
    },
    /// Something longer than agreed.
    #[error(
        "{what} has {length} bytes, and may have {limit}; raise the limit on both nodes, or send less"
    )]
    TooLarge {
        /// What is too long.
        what: &'static str,
        /// Its length, as far as it is known, in bytes.
        length: usize,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// More of something than agreed.
    #[error("there are more {what} than the limit of {limit}; raise it on both nodes")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A frame that never goes in pieces, in pieces.
    #[error("a frame of kind {kind:#04x} cannot go in pieces")]
    NotInPieces {
        /// The kind of the frame.
        kind: u8,
    },
    /// A definition whose number is not the next: it is defined already, or another is left out.
    #[error("the number {id} is defined where {next} comes next")]
    OutOfTurn {
        /// The number that was found.
        id: u32,
        /// The next number.
        next: u32,
    },
    /// Two streams define a number in different ways.
    #[error("two streams define the number {id} in different ways")]
    Redefined {
        /// The number.
        id: u32,
    },
    /// Something that is no name of a node.
    #[error("a definition names no node")]
    BadName,
    /// A number that was not defined in this stream before its use.
    #[error("the number {id} is used before it is defined")]
    Undefined {
        /// The number that was found.
        id: u32,
    },
    /// A message that the peer had no credit for.
    #[error("a process was sent more than the {window} messages that it takes")]
    NoCredit {
        /// How many messages the process takes before it has handled them.
        window: u32,
    },
    /// More credits than the agreed window has.
    #[error("{count} credits were granted, and the window has capacity for {fits}")]
    TooMuchCredit {
        /// How many were granted.
        count: u32,
        /// How many could have been granted.
        fits: u32,
    },
    /// A limit of a peer that is 0.
    #[error("the limit `{limit}` of the peer is 0; give it at least 1")]
    ZeroLimit {
        /// The name of the limit.
        limit: &'static str,
    },
}

impl WireError {
    /// What the peer is told when the connection is closed for it.
    #[must_use]
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } => CloseCode::TooLarge,
            Self::NoCredit { .. } | Self::TooMuchCredit { .. } => CloseCode::FlowViolation,
            Self::Truncated
            | Self::TrailingBytes { .. }
            | Self::BadNumber
            | Self::NotText
            | Self::UnknownKind { .. }
            | Self::WrongFlags { .. }
            | Self::UnknownCause { .. }
            | Self::NotInPieces { .. }
            | Self::OutOfTurn { .. }
            | Self::Undefined { .. }
            | Self::Redefined { .. }
            | Self::BadName
            | Self::ZeroLimit { .. } => CloseCode::Malformed,
        }
    }
}

/// Checks a length against its limit.
///
/// # Errors
/// [`WireError::TooLarge`]
pub(crate) fn bounded(what: &'static str, length: usize, limit: usize) -> Result<(), WireError> {
    if length > limit {
        return Err(WireError::TooLarge {
            what,
            length,
            limit,
        });
    }
    Ok(())
}
