//! The server of one route, or of one status: it counts.
//!
//! It is fed by casts: nobody needs to know when a request has been counted, only, at the end, how many there were.

use ambit::prelude::*;

/// Keeps one number.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    requests: u64,
}

#[gen_server]
impl Counter {
    /// Counts one request.
    #[cast]
    pub(crate) fn add(&mut self) {
        self.requests += 1;
    }

    /// How many there were, everything cast before this call included.
    #[call]
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }
}
