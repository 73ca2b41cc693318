//! One handle, two nodes: a remote server is used like a local one.

mod definitions;
mod exposed;
mod figures;
mod functions;
mod generic;
mod given_up_calls;
mod handles;
mod itself;
mod linked_starts;
mod long_messages;
pub(crate) mod messages;
mod overflow;
mod pair;
mod pending_answers;
mod protocol_servers;
mod recipients;
mod starts;
mod traces;
