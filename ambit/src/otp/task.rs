//! Tasks: a future that runs as a process, and whose value its owner awaits.
//!
//! A task sends no message to its owner. It stores its value in memory shared with the owner, which watches the exit of
//! the process. So the value is visible before the exit, and no mailbox is involved.

pub(crate) mod child;
pub(crate) mod error;
pub(crate) mod handle;
pub(crate) mod many;
pub(crate) mod owner_link;
pub(crate) mod ready;
mod shutdown;
pub(crate) mod spawn;
pub(crate) mod stream;
pub(crate) mod supervisor;
