//! The server that takes lines apart and hands each to the servers it concerns.
//!
//! Apart from the reading because it waits for servers, and a reader waits for a disk or a pipe. It promises that every line is one
//! call to its client, one cast to its route and one to its status, and that no more than a fixed number of calls is unanswered:
//! a slow client holds up the feeder, the feeder holds up the reader, and memory stays as it is. Nobody waits with a deadline: a
//! program that was stopped for a while goes on where it was.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use ambit::Pending;
use ambit::prelude::*;

use crate::batch::Batch;
use crate::client::Client;
use crate::counter::Counter;
use crate::family::Family;
use crate::faults::{Fault, Faults};
use crate::figures::Hit;
use crate::line::Line;
use crate::report::Counted;

/// How many calls may be unanswered.
const WINDOW: usize = 512;

/// Feeds the servers, and starts those that are missing.
pub(crate) struct Feeder {
    clients: Family<Vec<u8>, Client>,
    routes: Family<Vec<u8>, Counter>,
    statuses: Family<u16, Counter>,
    unanswered: VecDeque<Pending<()>>,
    faults: Faults,
    lines: u64,
}

/// Why a line could not be handed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("a server did not start: {0}")]
    Start(#[from] StartError),
    #[error("a server did not answer: {0}")]
    Call(#[from] CallError),
    #[error("a server took no message: {0}")]
    Cast(#[from] CastError),
}

#[gen_server]
impl Feeder {
    #[init]
    pub(crate) fn init(mailbox: NonZeroUsize) -> Self {
        Self {
            clients: Family::new(mailbox),
            routes: Family::new(mailbox),
            statuses: Family::new(mailbox),
            unanswered: VecDeque::with_capacity(WINDOW),
            faults: Faults::default(),
            lines: 0,
        }
    }

    /// Hands over some lines.
    #[call]
    pub(crate) async fn feed(&mut self, batch: Batch) -> Result<(), FeedError> {
        for text in batch.lines() {
            self.lines += 1;
            match Line::parse(text) {
                Ok(line) => self.hand_over(line).await?,
                Err(missing) => self.faults.note(self.lines, Fault::Malformed(missing)),
            }
        }
        Ok(())
    }

    /// Asks every server what it has counted.
    #[call]
    pub(crate) async fn collect(&mut self) -> Result<Counted, FeedError> {
        self.wait_for_answers(0).await?;
        let mut counted = Counted {
            faults: self.faults.clone(),
            ..Counted::default()
        };
        for (name, client) in self.clients.members() {
            counted
                .clients
                .push((name.clone(), client.totals().no_timeout().await?));
        }
        for (name, route) in self.routes.members() {
            counted
                .routes
                .push((name.clone(), route.requests().no_timeout().await?));
        }
        for (code, status) in self.statuses.members() {
            counted
                .statuses
                .push((*code, status.requests().no_timeout().await?));
        }
        Ok(counted)
    }

    /// Stops those whom it feeds before it is gone itself.
    #[terminate]
    async fn stop_servers(&mut self, _reason: &ExitReason) {
        self.clients.stop().await;
        self.routes.stop().await;
        self.statuses.stop().await;
    }

    async fn hand_over(&mut self, line: Line<'_>) -> Result<(), FeedError> {
        if line.truncated {
            self.faults.note(self.lines, Fault::Truncated);
        }
        let client = self.clients.member(line.client).await?;
        let hit = Hit {
            time: line.time,
            bytes: line.bytes,
        };
        if self.unanswered.len() == WINDOW {
            self.wait_for_answers(WINDOW / 2).await?;
        }
        self.unanswered
            .push_back(client.note(hit).no_timeout().send());
        let route = self.routes.member(line.route).await?;
        route.add().no_timeout().await?;
        let status = self.statuses.member(&line.status).await?;
        status.add().no_timeout().await?;
        Ok(())
    }

    /// Waits until only the `left` youngest calls may be unanswered; for the youngest of the others first, because the older ones
    /// are answered by then, and each wait costs a change of tasks.
    async fn wait_for_answers(&mut self, left: usize) -> Result<(), CallError> {
        let answered = self.unanswered.len().saturating_sub(left);
        for answer in self.unanswered.drain(..answered).rev() {
            answer.await?;
        }
        Ok(())
    }
}
