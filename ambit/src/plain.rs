//! Plain processes: an async function with an inbox.

pub(crate) mod create;
pub(crate) mod inbox;
mod inbox_waker;
pub(crate) mod into_exit;
pub(crate) mod select;
pub(crate) mod spawn;
