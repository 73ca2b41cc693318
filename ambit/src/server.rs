//! Servers: the trait, its context, its loop and its start.

#[cfg(feature = "stream")]
pub(crate) mod attach;
mod beside;
pub(crate) mod context;
mod counting;
pub(crate) mod door;
mod drain;
pub(crate) mod gen_server;
pub(crate) mod glue;
pub(crate) mod handles;
pub(crate) mod in_place;
pub(crate) mod launch;
pub(crate) mod life;
pub(crate) mod options;
pub(crate) mod owned;
pub(crate) mod pace;
pub(crate) mod pending_start;
pub(crate) mod run;
pub(crate) mod shown;
pub(crate) mod spoken;
pub(crate) mod start;
mod step;
pub mod sys;
