//! The engine: mailboxes, replies, deadlines and scheduling. The layers above use only their interfaces.

pub(crate) mod in_place;
pub(crate) mod join_set;
pub(crate) mod keyed_queue;
pub(crate) mod lifecycle;
pub(crate) mod mailbox;
pub(crate) mod queue_ticket;
pub(crate) mod reply;
pub(crate) mod run_cell;
pub(crate) mod wake;
pub(crate) mod wake_list;
pub(crate) mod wheel;
