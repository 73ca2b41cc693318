//! What names processes, and says what became of them, between nodes.
//!
//! What a process is called depends on who reads. So its name is written and read by the node at the other end,
//! [`ProcessEncoding`](crate::message::ProcessEncoding), and nothing of it is known here.

#[macro_use]
mod parts;

mod errors;
mod pid;
mod plain;
mod reasons;
mod recipient;
mod signals;
mod subject;
