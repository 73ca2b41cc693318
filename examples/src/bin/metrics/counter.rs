//! The server of one route, or of one status: a counter.
//!
//! It receives casts: no sender needs to know when requests have been counted, only how many there were at the end. Its
//! count exists nowhere else, so its supervisor does not restart it.

use ambit::prelude::*;

/// Keeps one number.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    requests: u64,
}

#[gen_server]
impl Counter {
    /// Adds requests.
    #[cast]
    pub(crate) fn add(&mut self, requests: u64) {
        self.requests += requests;
    }

    /// Returns the number of requests, including all earlier casts.
    #[call]
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }
}
