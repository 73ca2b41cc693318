//! The engine: what moves messages. Only these modules know how a mailbox, a reply and a deadline work inside.

pub(crate) mod cell;
pub(crate) mod keyed_queue;
pub(crate) mod lifecycle;
pub(crate) mod mailbox;
pub(crate) mod reply;
pub(crate) mod ticket;
pub(crate) mod wake_list;
pub(crate) mod wheel;
