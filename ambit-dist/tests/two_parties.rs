//! The cases about two parties with the parties on different nodes: the test code is that of `ambit/tests/two_parties`,
//! which says of each area what is not here and why. Over a network in memory and in the simulation with one lane, so that
//! whatever follows shows that nothing came before it; and over QUIC on loopback as nodes are.

mod in_memory;
mod in_simulation;
mod over_quic;
