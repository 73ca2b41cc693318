//! The rest of OTP's library, a module per room. A test that stands for a numbered case begins with its id.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: real time and tokio's own tasks are what it measures with"
)]

mod attach;
#[path = "../support/crashes.rs"]
mod crashes;
#[path = "../support/log.rs"]
mod log;
mod table;
mod tower_service;

mod breaker;
mod deadlines;
#[path = "../support/process.rs"]
mod process_support;
mod rate_limit;
mod retry;

mod agent;
mod task;

mod application;
mod configuration;

mod group;
mod pool;
mod pubsub;
mod state_machine;
