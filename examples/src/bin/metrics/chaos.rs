//! Kills the servers of clients at random, to show that the totals stay the same.
//!
//! A separate module, which the feeder only informs of its progress. The first of three victims is the server to which
//! lines were sent last: they are still in its mailbox. The second has been sent lines before, and may be counting
//! them; the third is any server. The choice depends only on the lines, so the same log has the same victims each time.

use std::collections::HashSet;
use std::num::NonZeroU64;

use ambit::prelude::*;

use crate::client::ClientSubject;
use crate::delivery::{Delivery, DeliveryError, recovered};

/// The schedule of kills, and the choice of victims.
pub(crate) struct Chaos {
    every: NonZeroU64,
    /// Lines since the last kill.
    lines: u64,
    kills: u64,
    dice: u64,
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
            dice: 0,
            down: HashSet::new(),
        }
    }

    /// Counts the last delivery of this batch, and kills the servers that are due.
    pub(crate) async fn after<K>(
        &mut self,
        sent: &[Delivery],
        all: &[(K, ClientSubject)],
    ) -> Result<(), DeliveryError> {
        self.lines += sent.last().map_or(0, Delivery::len) as u64;
        while self.lines >= self.every.get() {
            self.lines -= self.every.get();
            if self.down.len() == all.len() {
                self.recover().await?;
            }
            self.kill(sent, all);
        }
        Ok(())
    }

    /// Waits until all killed servers have been restarted.
    pub(crate) async fn recover(&mut self) -> Result<(), DeliveryError> {
        for victim in self.down.drain() {
            recovered(&victim).await?;
        }
        Ok(())
    }

    /// Returns the number of kills.
    pub(crate) fn kills(&self) -> u64 {
        self.kills
    }

    fn kill<K>(&mut self, sent: &[Delivery], all: &[(K, ClientSubject)]) {
        let wanted = match self.kills % 3 {
            0 => sent.last(),
            1 => sent.get(self.draw(sent.len())),
            _ => None,
        };
        let (before, from) = all.split_at(self.draw(all.len()));
        let any = from.iter().chain(before).map(|(_, client)| client);
        let mut candidates = wanted.map(Delivery::client).into_iter().chain(any);
        let Some(victim) = candidates.find(|client| !self.down.contains(client)) else {
            return;
        };
        ambit::exit(victim, ExitReason::Kill);
        self.down.insert(victim.clone());
        self.kills += 1;
    }

    /// Returns the next number below `limit` of a fixed sequence.
    fn draw(&mut self, limit: usize) -> usize {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) as usize % limit.max(1)
    }
}
