//! The cases of the area Distribution in `docs/conformance.md`, and those of other areas that need two nodes. Each test
//! is named after its case. The same code runs over QUIC on loopback, on a network in memory, and in the simulation.

mod actors;
mod dials;
mod functions;
mod identity;
mod lives;
mod nodes;
mod order;
mod places;
mod played;
mod saturated;
mod sends;
mod stage;
mod starts;
mod waiting;
mod waiting_messages;
mod workers;
