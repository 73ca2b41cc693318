//! The wire protocol as pure code: round trips, and refusals of invalid bytes.

mod corpus;
mod credit;
mod fragments;
mod frames;
mod lanes;
mod sample;
mod splitter;
mod types;

use proptest::test_runner::Config;

/// Returns a configuration with this many cases, only a few under miri, and without files on disk.
fn cases(cases: u32) -> Config {
    Config {
        cases: if cfg!(miri) { 4 } else { cases },
        failure_persistence: None,
        ..Config::default()
    }
}
