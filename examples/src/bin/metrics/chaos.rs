//! Kills the servers of clients at random, to show that the totals stay the same.
//!
//! The first of two victims is the server to which lines were sent last: they are still in its mailbox. The other has
//! been sent lines before, and may be counting them. The same log has the same victims each time.

use std::collections::HashSet;
use std::num::NonZeroU64;

use ambit::prelude::*;
use fastrand::Rng;

use crate::client::ClientSubject;
use crate::delivery::{Delivery, repeat};
use crate::feeder::FeedError;

/// The schedule of kills, and the choice of victims.
pub(crate) struct Chaos {
    every: NonZeroU64,
    /// Lines since the last kill.
    lines: u64,
    pub(crate) kills: u64,
    rng: Rng,
    /// Killed servers that may not have been restarted yet.
    down: HashSet<ClientSubject>,
}

impl Chaos {
    /// Schedules a kill after every `lines` lines.
    pub(crate) fn every(lines: NonZeroU64) -> Self {
        Self {
            every: lines,
            lines: 0,
            kills: 0,
            rng: Rng::with_seed(0),
            down: HashSet::new(),
        }
    }

    /// Counts the last delivery of this batch, and kills the servers that are due.
    pub(crate) async fn after(&mut self, sent: &[Delivery]) -> Result<(), FeedError> {
        let (last, none) = (sent.len() - 1, [].into());
        self.lines += sent[last].hits.len() as u64;
        while self.lines >= self.every.get() {
            self.lines -= self.every.get();
            let is_even = self.kills.is_multiple_of(2);
            let at = if is_even {
                last
            } else {
                self.rng.usize(..=last)
            };
            let victim = &sent[at].client;
            if !self.down.insert(victim.clone()) {
                repeat(victim, &none).await?;
            }
            ambit::exit(victim, ExitReason::Kill);
            self.kills += 1;
        }
        Ok(())
    }

    /// Waits until all killed servers have been restarted.
    pub(crate) async fn recover(&mut self) -> Result<(), FeedError> {
        let none = [].into();
        for victim in self.down.drain() {
            repeat(&victim, &none).await?;
        }
        Ok(())
    }
}
