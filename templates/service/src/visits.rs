//! The server that counts visits.

use std::collections::HashMap;

use ambit::prelude::*;

/// The number of visits of each code. In memory: a restart starts from zero.
#[derive(Debug, Default)]
pub struct Visits {
    counts: HashMap<String, u64>,
}

#[gen_server]
impl Visits {
    /// Counts one visit.
    #[cast]
    pub fn record(&mut self, code: String) {
        *self.counts.entry(code).or_default() += 1;
    }

    /// Forgets a link that has expired.
    #[cast]
    pub fn forget(&mut self, code: String) {
        self.counts.remove(&code);
    }

    /// Returns the number of visits.
    #[call]
    pub fn count(&self, code: String) -> u64 {
        self.counts.get(&code).copied().unwrap_or(0)
    }

    /// Runs when the tree stops: the place to save what must survive the program.
    #[terminate]
    fn stop(&mut self, _reason: &ExitReason) {
        let total: u64 = self.counts.values().sum();
        tracing::info!(total, links = self.counts.len(), "visits are final");
    }
}
