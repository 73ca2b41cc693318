//! The events of a run, and the form in which two runs are compared.

mod canonical;
mod parse;

pub use self::canonical::{Trace, canonical};
pub(crate) use self::canonical::{gave_up, result};
pub use self::parse::parse;

use crate::script::Id;

/// One observed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The step of this index begins; after the last step, the tree is stopped.
    Block(usize),
    /// The result of a step.
    Result(String),
    /// The listing of the tree, after the step has had its effect.
    Snapshot(String),
    /// A lifecycle event of a process.
    Life {
        /// The node.
        id: Id,
        /// The number of this start of the node.
        attempt: u32,
        /// The lifecycle event.
        what: Life,
    },
}

/// A lifecycle event of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is running; the children of a supervisor are started next.
    Started,
    /// Its start failed.
    Failed,
    /// Its init returned `ignore`.
    Ignored,
    /// It used up its restarts.
    GaveUp,
    /// It was asked to end, or ends by itself, for this reason, and cleans up.
    Terminating(String),
    /// It has ended for this reason.
    Ended(String),
}
