//! The tests of the scripts, the traces and their comparison, as one program.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod generator;
mod replay;
mod shrink;
mod trace;
