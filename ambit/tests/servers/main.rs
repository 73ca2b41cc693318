//! Conformance of servers and registries on one node: the numbered cases of GenServer and Registry, and the errors
//! that callers see. A test that stands for a numbered case begins with its id.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: real time and tokio's own tasks are what it measures with"
)]

mod calls;
mod counter;
#[path = "../support/crashes.rs"]
mod crashes;
mod ending;
mod following;
mod gen_server;
mod inspection;
mod lifecycle;
#[path = "../support/log.rs"]
mod log;
#[path = "../support/process.rs"]
mod process_support;
mod registry;
mod starting;
#[path = "../support/times.rs"]
mod times;
mod util;
