//! The scripts, the traces and what compares them: one program of tests.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod generator;
mod replay;
mod shrink;
mod trace;
