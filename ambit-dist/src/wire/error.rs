//! The error for protocol violations by a peer.

use crate::wire::close::CloseCode;

/// A violation of the protocol, or of a limit, by a peer. Close the connection with [`WireError::close_code`]. Decoding
/// the same bytes again fails with the same error.
///
/// ```
/// use ambit_dist::wire::{CloseCode, Frame, WireError};
///
/// let error = Frame::decode(0x99, 0, &[]).unwrap_err();
/// assert_eq!(error, WireError::UnknownKind { kind: 0x99 });
/// assert_eq!(error.close_code(), CloseCode::Malformed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A frame ends inside its fields.
    #[error("a frame ends inside its fields")]
    Truncated,
    /// A frame has bytes after its fields.
    #[error("{left} bytes follow the fields of a frame")]
    TrailingBytes {
        /// The number of extra bytes.
        left: usize,
    },
    /// A number is not in its shortest form, or too large for its field.
    #[error("a number in a frame is not in its shortest form, or too large")]
    BadNumber,
    /// A name is not UTF-8.
    #[error("a name in a frame is not UTF-8")]
    NotText,
    /// The kind of a frame is unknown to this version, and the frame must not be skipped.
    #[error("the frame kind {kind:#04x} is unknown; update the older of the two nodes")]
    UnknownKind {
        /// The number of the unknown kind.
        kind: u8,
    },
    /// The flags are unknown to this version, or not allowed on this kind of frame.
    #[error(
        "a frame of kind {kind:#04x} cannot have the flags {flags:#04x}; update the older of the two nodes"
    )]
    WrongFlags {
        /// The kind of the frame.
        kind: u8,
        /// The flags of the frame.
        flags: u8,
    },
    /// The cause of an exit signal is unknown to this version.
    #[error("the exit cause {cause} is unknown")]
    UnknownCause {
        /// The number of the unknown cause.
        cause: u8,
    },
    /// A frame, message or field exceeds the agreed length.
    #[error(
        "{what} has {length} bytes, above the limit of {limit}; raise the limit on both nodes, or send less"
    )]
    TooLarge {
        /// A description of the item that is too long.
        what: &'static str,
        /// The length of the item in bytes. The real length may be greater if the item is incomplete.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A count exceeds the agreed limit.
    #[error("there are more {what} than the limit of {limit}; raise it on both nodes")]
    TooMany {
        /// A description of the counted items.
        what: &'static str,
        /// The maximum count.
        limit: usize,
    },
    /// A frame of this kind must not be fragmented.
    #[error("a frame of kind {kind:#04x} cannot be fragmented")]
    NotInPieces {
        /// The kind of the frame.
        kind: u8,
    },
    /// A definition has a number that is already defined, or skips a number.
    #[error("the number {id} is defined out of order: expected {next}")]
    OutOfTurn {
        /// The number in the definition.
        id: u32,
        /// The expected number.
        next: u32,
    },
    /// Two lanes of a session define the same number differently.
    #[error("two streams define the number {id} in different ways")]
    Redefined {
        /// The number.
        id: u32,
    },
    /// The name in the definition of a node is invalid.
    #[error("the node name in a definition is invalid")]
    BadName,
    /// A frame refers to a number that its stream has not defined.
    #[error("the number {id} is used before it is defined")]
    Undefined {
        /// The undefined number.
        id: u32,
    },
    /// The peer sent a message without having credits for it.
    #[error("a message exceeds the credits of its process, whose window is {window}")]
    NoCredit {
        /// The window of the process, in credits.
        window: u32,
    },
    /// The peer granted more credits than the agreed window allows.
    #[error("{count} credits were granted, and the window has capacity for {fits}")]
    TooMuchCredit {
        /// The number of granted credits.
        count: u32,
        /// The maximum number of credits that could have been granted.
        fits: u32,
    },
    /// The peer announced a limit of 0.
    #[error("the limit `{limit}` of the peer is 0; give it at least 1")]
    ZeroLimit {
        /// The name of the limit.
        limit: &'static str,
    },
}

impl WireError {
    /// Returns the code with which to close the connection.
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
/// Fails with [`WireError::TooLarge`].
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
