//! Runs each program as a user runs it, and shows the test kit on one server: one test program for all of them.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod chat_rooms;
mod json;
mod log;
mod metrics_chaos;
#[cfg(feature = "cluster")]
mod metrics_cluster;
mod metrics_command_line;
mod metrics_sequential;
mod metrics_serve;
mod no_test_kit;
mod plain;
mod small_binaries;
mod testing_helpers;
