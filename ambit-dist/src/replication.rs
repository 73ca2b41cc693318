//! The replicated tables of a node: the task and the handles around the pure [`replica`](crate::replica).
//!
//! Names, groups and presence write entries of this node and keep a [`TableIndex`](table_index::TableIndex) of each
//! table. A write and its effect on the indexes happen under one lock, so the writer sees its own change at once. The
//! [`run`] task sends the frames to the other nodes.
//!
//! The body of an entry can contain processes; [`process_encoding`] defines how.

mod acknowledged;
pub(crate) mod entry_value;
mod frames;
#[cfg(feature = "sim")]
mod leftovers;
pub(crate) mod process_encoding;
mod protocols;
pub(crate) mod run;
mod sessions;
pub(crate) mod shape_tag;
pub(crate) mod shared;
pub(crate) mod table_index;
