//! The simulator itself, with QUIC on its network: the same seed makes the same run, and faults do what they say.

mod bugs;
mod faults;
mod lives;
mod nodes;
mod quic;
mod refused;
mod replays;
#[path = "../examples/sim/scenarios/all.rs"]
mod scenarios;
mod servers;
