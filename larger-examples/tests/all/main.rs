//! Runs each program as a user runs it: one test program for all of them.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod application;
mod axum_api;
mod cluster_chat;
mod cluster_directory;
mod cluster_kv;
mod contract;
mod file_transfer;
mod kv_store;
mod remote_worker;
mod support;
mod two_nodes;
