//! What it costs a node in memory when packets and members mean ill.
//!
//! A program of its own, because it weighs the whole program.
#![allow(missing_docs, clippy::unwrap_used)]

mod flood;
#[path = "../hostile/hello.rs"]
mod hello;
mod hostile_memory;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../hostile/stranger.rs"]
mod stranger;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../hostile/target.rs"]
mod target;

use tokio::sync::Mutex;

/// Only one test at a time weighs the program.
static SCALES: Mutex<()> = Mutex::const_new(());

/// Memory that the program holds, in bytes; `None` where the system does not say.
fn resident() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
