//! What happened in a run, and the form in which two runs are compared.

mod canonical;
mod parse;

pub use self::canonical::{Trace, canonical};
pub(crate) use self::canonical::{gave_up, result};
pub use self::parse::parse;

use crate::script::Id;

/// One thing that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The step of this index begins; after the last step, the tree is stopped.
    Block(usize),
    /// What a step answered.
    Result(String),
    /// Who is listed where, when the step has had its effect.
    Snapshot(String),
    /// Something in the life of a process.
    Life {
        /// Which node it is.
        id: Id,
        /// The how many-th start of this node.
        attempt: u32,
        /// What.
        what: Life,
    },
}

/// Something in the life of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs; a supervisor: its children are started next.
    Started,
    /// Its start failed.
    Failed,
    /// Its start said that there is nothing to do.
    Ignored,
    /// It has restarted too often.
    GaveUp,
    /// It was told to end, or ends by itself, for this reason, and cleans up.
    Terminating(String),
    /// It has ended for this reason.
    Ended(String),
}
