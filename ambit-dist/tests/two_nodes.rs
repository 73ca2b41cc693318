//! One handle, two nodes: a remote server is used like a local one.

mod definitions;
mod exposed;
mod figures;
mod functions;
mod generic;
mod handles;
mod itself;
mod linked_starts;
pub(crate) mod messages;
mod pair;
mod pending_answers;
mod protocol_servers;
mod recipients;
mod starts;
mod traces;
