//! Kills clients' servers, without warning, to show that nothing comes of it.
//!
//! Apart from the feeder, which only says how far it is. Every second victim is the server that has just been sent lines, so they are
//! still in its mailbox; the others are drawn. Both depend on nothing but the lines, so the same log has the same victims each time.

use std::collections::HashSet;
use std::num::NonZeroU64;

use ambit::prelude::*;

use crate::client::{self, ClientSubject};

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

    /// Notes that lines were sent to `fed`, and kills what is due, of all servers there are.
    pub(crate) async fn after<K>(
        &mut self,
        lines: usize,
        fed: &ClientSubject,
        all: &[(K, ClientSubject)],
    ) -> Result<(), CallError> {
        self.lines += lines as u64;
        while self.lines >= self.every.get() {
            self.lines -= self.every.get();
            if self.down.len() == all.len() {
                self.recover().await?;
            }
            self.kill(fed, all);
        }
        Ok(())
    }

    /// Waits until everyone who was killed is back.
    pub(crate) async fn recover(&mut self) -> Result<(), CallError> {
        for victim in self.down.drain() {
            // What is killed answers nobody any more, so it is the next life that does.
            client::repeat(&victim, &[].into()).await?;
        }
        Ok(())
    }

    /// Returns how many were killed.
    pub(crate) fn kills(&self) -> u64 {
        self.kills
    }

    fn kill<K>(&mut self, fed: &ClientSubject, all: &[(K, ClientSubject)]) {
        let begin = self.draw(all.len());
        let drawn = all[begin..].iter().chain(&all[..begin]);
        let fed = (self.kills.is_multiple_of(2)).then_some(fed);
        let mut candidates = fed.into_iter().chain(drawn.map(|(_, client)| client));
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
