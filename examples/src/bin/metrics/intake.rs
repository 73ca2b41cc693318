//! The path of one stream of lines into the tree: to a parser first, then to the feeder.
//!
//! It performs the retries: a parser that crashed has crashed at the next line, which is skipped, and the restarted
//! parser continues after it. While one batch is fed the next one is parsed, and a stream never has more of them: a
//! slow tree slows down every reader and every producer.

use std::sync::Arc;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::server::Pending;

use crate::MetricsSubject;
use crate::feeder::{FeedError, FeederSubject};
use crate::framer::Batch;
use crate::parser::{Findings, ParserSubject};
use crate::report::Fault;

/// One stream of lines.
pub(crate) struct Intake {
    parser: ParserSubject,
    feeder: FeederSubject,
    under_way: Option<Pending<Result<(), FeedError>>>,
    pub(crate) lines: u64,
}

impl Intake {
    /// Creates a stream; the number selects its parser.
    pub(crate) fn new(tree: &MetricsSubject, number: u64) -> Self {
        Self {
            parser: tree.parsers().route(&number).when_available(),
            feeder: tree.feeder(),
            under_way: None,
            lines: 0,
        }
    }

    /// Takes some lines; the previous batch has been counted when this returns.
    pub(crate) async fn take(&mut self, batch: Batch) -> Result<(), FeedError> {
        let (batch, mut next) = (Arc::new(batch), 0);
        loop {
            let found = match self.parser.read(batch.clone(), next).no_timeout().await {
                // At the end, by a parser that runs again.
                Ok(found) if found.lines == 0 => return Ok(()),
                Ok(found) => found,
                Err(CallError::Exited {
                    reason: ExitReason::Panic(panic),
                    executed: Executed::Maybe,
                }) => Findings::of_fault(Fault::Malformed(panic.message().into())),
                // The parser crashed at a line of another stream.
                Err(CallError::Exited { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            next += found.lines as usize;
            self.feed(found).await?;
        }
    }

    /// Waits until everything has been counted; returns the number of lines.
    pub(crate) async fn finish(&mut self) -> Result<u64, FeedError> {
        if let Some(fed) = self.under_way.take() {
            fed.await??;
        }
        Ok(self.lines)
    }

    /// Passes on findings; the previous ones have been counted when this returns.
    pub(crate) async fn feed(&mut self, found: Findings) -> Result<(), FeedError> {
        self.lines += found.lines;
        let next = self.feeder.feed(found).no_timeout().send();
        match self.under_way.replace(next) {
            Some(fed) => fed.await?,
            None => Ok(()),
        }
    }
}
