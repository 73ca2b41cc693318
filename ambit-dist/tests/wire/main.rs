//! The wire as pure code: what is written is read again, and what is not of the protocol is refused.

mod corpus;
mod credit;
mod fragments;
mod frames;
mod lanes;
mod sample;
mod splitter;
mod types;

use proptest::test_runner::Config;

/// So many cases, a few of them under miri, and nothing written to disk.
fn cases(cases: u32) -> Config {
    Config {
        cases: if cfg!(miri) { 4 } else { cases },
        failure_persistence: None,
        ..Config::default()
    }
}
