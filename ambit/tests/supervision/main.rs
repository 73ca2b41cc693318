//! Conformance of supervisors: the numbered cases of Supervisor, DynamicSupervisor and PartitionSupervisor, and what
//! the page of the semantics says beyond them. A test that stands for a numbered case begins with its id.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: tokio's clock is what it measures with"
)]

mod admin;
mod asks;
mod auto_shutdown;
mod backoff;
mod corners;
mod dynamic;
mod dynamic_stop;
mod events;
mod following;
#[path = "../support/log.rs"]
mod log;
mod partitioned;
#[path = "../support/process.rs"]
mod process_support;
mod restart;
mod scale;
mod shutdown;
mod signals;
mod start;
mod strategies;
mod support;
#[path = "../support/times.rs"]
mod times;
