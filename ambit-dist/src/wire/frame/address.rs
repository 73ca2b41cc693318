//! Process addresses and exit causes in frames.

use std::fmt;

use crate::wire::error::WireError;

/// A process of one of the two nodes of a session; the field that contains it determines which node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessAddress {
    /// The slot in its node's process table.
    pub slot: u32,
    /// The generation of the slot.
    pub generation: u32,
}

impl fmt::Debug for ProcessAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}>", self.slot, self.generation)
    }
}

/// The address of the node itself, which answers requests that concern none of its processes.
pub(crate) const NODE: ProcessAddress = ProcessAddress {
    slot: u32::MAX,
    generation: u32::MAX,
};

/// The cause of an exit signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A process sent it. (Erlang: `exit/2`.)
    Sent,
    /// A linked process has ended.
    Link,
}

impl Cause {
    /// Returns the number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Sent => 0,
            Self::Link => 1,
        }
    }

    /// Returns the cause of a number.
    ///
    /// # Errors
    /// Fails with [`WireError::UnknownCause`] if this version does not know the number.
    pub fn from_number(cause: u8) -> Result<Self, WireError> {
        match cause {
            0 => Ok(Self::Sent),
            1 => Ok(Self::Link),
            _ => Err(WireError::UnknownCause { cause }),
        }
    }
}
