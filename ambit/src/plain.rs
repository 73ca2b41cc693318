//! Plain processes: an async function with an inbox.

pub(crate) mod create;
pub(crate) mod inbox;
pub(crate) mod inbox_event;
pub(crate) mod into_exit;
pub(crate) mod select;
pub(crate) mod spawn;
