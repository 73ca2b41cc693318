//! Tasks: a future that runs as a process of its own, and whose value its owner waits for.
//!
//! A task sends its owner nothing. Its value lies in a place that both share, and the owner watches the end of the
//! process: so a value is always there before the end is seen, and no mailbox is ever touched.

pub(crate) mod bond;
pub(crate) mod child;
mod crowd;
pub(crate) mod error;
pub(crate) mod handle;
pub(crate) mod many;
pub(crate) mod ready;
mod shutdown;
pub(crate) mod spawn;
pub(crate) mod stream;
pub(crate) mod supervisor;
