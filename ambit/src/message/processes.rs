//! References to processes, and the reasons of their ends, between nodes.
//!
//! The identity of a process depends on the reader. So the node at the other end,
//! [`ProcessEncoding`](crate::message::ProcessEncoding), encodes and decodes it, and this module does not know the
//! encoding.

#[macro_use]
mod parts;

mod errors;
mod exit_reason;
mod pid;
mod plain;
mod recipient;
mod signals;
mod subject;
