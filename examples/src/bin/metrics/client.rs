//! The server of one client.
//!
//! It is nothing but the figures behind a mailbox: requests come in by call, so that whoever hands them over knows that they
//! were counted, and is held back when they are not.

use ambit::prelude::*;

use crate::figures::{Figures, Hit, Totals};

/// Keeps what is known about one client.
#[derive(Debug, Default)]
pub(crate) struct Client {
    figures: Figures,
}

#[gen_server]
impl Client {
    /// Counts one request.
    #[call]
    pub(crate) fn note(&mut self, hit: Hit) {
        self.figures.note(hit);
    }

    /// What has been counted so far.
    #[call]
    pub(crate) fn totals(&self) -> Totals {
        self.figures.totals()
    }
}
