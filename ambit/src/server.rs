//! Servers: the trait, its context, its loop and its start.

#[cfg(feature = "stream")]
pub(crate) mod attach;
pub(crate) mod context;
mod counting;
mod drain;
pub(crate) mod gen_server;
pub(crate) mod glue;
pub(crate) mod handles;
pub(crate) mod inline;
pub(crate) mod latency;
pub(crate) mod launch;
pub(crate) mod message_text;
pub(crate) mod options;
pub(crate) mod owned;
pub(crate) mod pending_start;
pub(crate) mod protocol_binding;
pub(crate) mod run;
pub(crate) mod server_state;
mod server_tasks;
pub(crate) mod sink;
pub(crate) mod start;
mod step;
pub mod sys;
