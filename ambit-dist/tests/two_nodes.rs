//! One handle, two nodes: a server of another node is used like any other.

mod definitions;
mod figures;
mod functions;
mod handles;
mod itself;
mod messages;
mod pair;
mod recipients;
mod starts;
mod traces;
