//! The simulator itself, with QUIC on its network: the same seed makes the same run, and faults do what they say.

#![allow(clippy::unwrap_used, reason = "a host whose code panics fails its run")]

mod bugs;
mod faults;
mod lives;
mod nodes;
mod planted;
mod quic;
mod replays;
#[path = "../../examples/sim/scenarios/all.rs"]
mod scenarios;
mod servers;
