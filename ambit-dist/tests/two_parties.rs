//! The cases about two parties on different nodes. The test code is that of `ambit/tests/two_parties`, which lists the
//! exceptions per area and the reasons for them. The network in memory and the simulation use one lane, so that a later
//! message proves that no earlier one is missing; QUIC on loopback uses the defaults.

mod in_memory;
mod in_simulation;
mod over_quic;
