//! The rest of OTP's library, a module per room. A test that stands for a numbered case begins with its id.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: real time and tokio's own tasks are what it measures with"
)]

mod agent;
mod application;
mod attach;
mod breaker;
mod configuration;
mod contract;
#[path = "../support/crashes.rs"]
mod crashes;
mod deadlines;
mod group;
mod inspect;
#[path = "../support/log.rs"]
mod log;
mod pool;
#[path = "../support/process.rs"]
mod process_support;
mod pubsub;
mod rate_limit;
mod retry;
mod state_machine;
mod table;
mod task;
mod tower_service;
