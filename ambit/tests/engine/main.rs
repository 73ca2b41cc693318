//! The engine as programs see it: handlers that callers run, handlers that a task runs, and that nobody can tell which.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: real time and tokio's own tasks are what it measures with"
)]

mod anywhere;
mod cancelled;
mod depth;
mod fairness;
mod killed;
#[path = "../support/listening.rs"]
mod listening;
#[path = "../support/log.rs"]
mod log;
mod pace;
#[path = "../support/process.rs"]
mod process_support;
mod races;
mod resting;
mod same;
mod script;
mod shutdown;
mod spans;
mod starting;
mod traces;
#[path = "../support/traces.rs"]
mod traces_support;
mod waking;
