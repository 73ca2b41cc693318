//! The path of one stream of lines into the tree: to a parser first, then to the feeder.
//!
//! A separate module, because it performs the retries. A crashed parser has been crashed by the next line of the sheet,
//! if it worked on that sheet: the line is skipped, and the restarted parser continues. While one batch is fed the next
//! one is parsed, and a stream never has more of them: a source of more lines waits, so a slow tree slows down every
//! reader and every producer.

use std::sync::Arc;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::server::Pending;

use crate::batch::Batch;
use crate::feeder::{FeedError, FeederSubject};
use crate::parser::ParserSubject;
use crate::sheet::{Findings, Sheet};
use crate::tree::MetricsSubject;

/// One stream of lines.
pub(crate) struct Intake {
    parser: ParserSubject,
    feeder: FeederSubject,
    under_way: Option<Pending<Result<(), FeedError>>>,
    lines: u64,
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
        let sheet = Arc::new(Sheet::new(batch));
        self.parse(&sheet).await?;
        self.feed(sheet.take()).await
    }

    /// Records a line that will never be complete.
    pub(crate) async fn take_unfinished(&mut self) -> Result<(), FeedError> {
        self.feed(Findings::unfinished()).await
    }

    /// Waits until everything has been counted; returns the number of lines.
    pub(crate) async fn finish(&mut self) -> Result<u64, FeedError> {
        if let Some(fed) = self.under_way.take() {
            fed.await??;
        }
        Ok(self.lines)
    }

    /// Returns the number of lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    async fn feed(&mut self, found: Findings) -> Result<(), FeedError> {
        self.lines += found.lines as u64;
        let next = self.feeder.feed(found).no_timeout().send();
        match self.under_way.replace(next) {
            Some(fed) => fed.await?,
            None => Ok(()),
        }
    }

    /// Terminates, because each crash skips a line of this sheet or of another one.
    async fn parse(&self, sheet: &Arc<Sheet>) -> Result<(), CallError> {
        loop {
            let error = match self.parser.read(sheet.clone()).no_timeout().await {
                Err(error @ CallError::Exited { .. }) => error,
                answer => return answer,
            };
            if let CallError::Exited {
                reason: ExitReason::Panic(panic),
                executed: Executed::Maybe,
            } = &error
                && !sheet.give_up_line(panic.message())
            {
                return Err(error);
            }
        }
    }
}
