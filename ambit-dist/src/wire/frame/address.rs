//! How frames name a process, and why it ends.

use std::fmt;

use crate::wire::error::WireError;

/// A process of one of the two nodes of a session; which of them follows from the field it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Local {
    /// Its place in its node's table.
    pub slot: u32,
    /// Which of the processes that had this place.
    pub generation: u32,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}>", self.slot, self.generation)
    }
}

/// How an exit signal came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// Somebody sent it. (Erlang: `exit/2`.)
    Sent,
    /// The sender has ended, and was linked.
    Link,
}

impl Cause {
    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Sent => 0,
            Self::Link => 1,
        }
    }

    /// What a number means.
    ///
    /// # Errors
    /// [`WireError::UnknownCause`]
    pub fn from_number(cause: u8) -> Result<Self, WireError> {
        match cause {
            0 => Ok(Self::Sent),
            1 => Ok(Self::Link),
            _ => Err(WireError::UnknownCause { cause }),
        }
    }
}
