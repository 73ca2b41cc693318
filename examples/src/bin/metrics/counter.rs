//! The server of one route, or of one status: it counts.
//!
//! It is fed by casts: nobody needs to know when requests have been counted, only, at the end, how many there were. What it has counted
//! is nowhere else, so its supervisor does not restart it.

use ambit::prelude::*;

/// Keeps one number.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    requests: u64,
}

#[gen_server]
impl Counter {
    /// Counts some requests.
    #[cast]
    pub(crate) fn add(&mut self, requests: u64) {
        self.requests += requests;
    }

    /// How many there were, everything cast before this call included.
    #[call]
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }
}
