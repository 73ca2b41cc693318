//! Protocols and their servers that must compile, and what they do.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod mocks;
mod servers;
mod shapes;
mod supervised;
