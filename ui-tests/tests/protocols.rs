//! Protocols and their servers: programs that must compile, and their behaviour.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod mocks;
mod servers;
mod shapes;
mod supervised;
