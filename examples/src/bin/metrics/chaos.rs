//! Kills clients' servers, without warning, to show that nothing comes of it.
//!
//! Apart from the feeder, which only says how far it is. The first of three victims is the server that was sent lines last: they are still
//! in its mailbox. The second is one that was sent lines before, which it may just be counting; the third is any. Whom that hits depends
//! on nothing but the lines, so the same log has the same victims each time.

use std::collections::HashSet;
use std::num::NonZeroU64;

use ambit::prelude::*;

use crate::client::ClientSubject;
use crate::delivery::{Delivery, DeliveryError, recovered};

/// Whom to kill, and when.
pub(crate) struct Chaos {
    every: NonZeroU64,
    /// Lines since the last kill.
    lines: u64,
    kills: u64,
    dice: u64,
    /// Killed, and perhaps not restarted yet.
    down: HashSet<ClientSubject>,
}

impl Chaos {
    /// Plans a kill every so many lines.
    pub(crate) fn every(lines: NonZeroU64) -> Self {
        Self {
            every: lines,
            lines: 0,
            kills: 0,
            dice: 0,
            down: HashSet::new(),
        }
    }

    /// Notes the last of what was sent in this batch, and kills what is due, of all servers there are.
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

    /// Waits until everyone who was killed is back.
    pub(crate) async fn recover(&mut self) -> Result<(), DeliveryError> {
        for victim in self.down.drain() {
            recovered(&victim).await?;
        }
        Ok(())
    }

    /// Returns how many were killed.
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

    /// Draws a number below `limit`, the next of a fixed sequence.
    fn draw(&mut self, limit: usize) -> usize {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) as usize % limit.max(1)
    }
}
