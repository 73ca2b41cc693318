//! Process addresses and exit causes in frames.

use std::fmt;

use crate::wire::error::WireError;

/// The address of a process within its node. The field that contains the address determines which of the two nodes of a
/// session it belongs to.
///
/// ```
/// use ambit_dist::wire::{ProcessAddress, lane};
///
/// let (a, b) = (ProcessAddress { slot: 7, generation: 1 }, ProcessAddress { slot: 8, generation: 1 });
/// assert_eq!(format!("{a:?}"), "<7.1>");
/// assert_eq!(lane(Some(a), b, 4), 3, "all frames from a to b use this lane");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessAddress {
    /// The index of the process in its node's process table.
    pub slot: u32,
    /// The generation of the slot, which distinguishes successive processes in the same slot.
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
///
/// ```
/// use ambit_dist::wire::{Cause, WireError};
///
/// assert_eq!(Cause::Link.number(), 1);
/// assert_eq!(Cause::from_number(0), Ok(Cause::Sent));
/// assert_eq!(Cause::from_number(9), Err(WireError::UnknownCause { cause: 9 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A process sent the signal. (Erlang: `exit/2`.)
    Sent,
    /// A linked process has ended.
    Link,
}

impl Cause {
    /// Returns the number that encodes this cause on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Sent => 0,
            Self::Link => 1,
        }
    }

    /// Returns the cause with this number.
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
