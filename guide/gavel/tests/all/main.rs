//! What the programs of the chapters print, and whether the pages show all that a reader has to type.
#![allow(clippy::unwrap_used, reason = "tests")]

mod changes;
mod programs;
