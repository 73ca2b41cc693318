//! The simulator itself, with QUIC on its network: runs are deterministic, and faults take effect.

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
