use std::time::Duration;

use ambit::prelude::*;
use ambit::pubsub::Topic;
use tokio::time::Instant;

use super::bank::{BankSubject, Record};
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;
use super::news::News;
use super::terms::Terms;

/// A bid must exceed the highest one by at least this amount.
const STEP: Money = Money::cents(50);

/// How long a closed auction still answers.
const SHOWN_FOR: Duration = Duration::from_secs(3_600);

/// The auction of one lot: first open, then "going once, going twice", then closed.
pub struct Auction {
    lot: Lot,
    terms: Terms,
    bank: BankSubject,
    news: Topic<News>,
    highest: Option<Bid>,
}

#[state_machine(states = [Open, Closing, Closed], mailbox = 32, overflow = reject)]
impl Auction {
    /// Continues where an earlier incarnation has ended: the bank knows the highest bid, and whether the lot is sold.
    #[init(Closed)]
    pub async fn new(
        ctx: &mut Context<Self>,
        lot: Lot,
        terms: Terms,
        bank: BankSubject,
        news: Topic<News>,
    ) -> Result<Self, CallError> {
        let highest = match bank.record(lot.clone()).await? {
            Record::Unsold(highest) => highest,
            Record::Sold(winner) => {
                ctx.start_in(AuctionState::Closed);
                winner
            }
        };
        Ok(Self {
            lot,
            terms,
            bank,
            news,
            highest,
        })
    }

    /// Makes `bid` the highest one.
    #[call(Open)]
    pub async fn bid(&mut self, ctx: &mut Context<Self>, bid: Bid) -> Result<(), BidError> {
        self.accept(ctx, bid).await
    }

    /// A bid in the last call starts the last call again.
    #[call(Closing => repeat | stay, event = bid)]
    async fn late_bid(
        &mut self,
        ctx: &mut Context<Self>,
        bid: Bid,
    ) -> (AuctionLateBidTo, Result<(), BidError>) {
        match self.accept(ctx, bid).await {
            Ok(()) => (AuctionLateBidTo::Repeat, Ok(())),
            Err(error) => (AuctionLateBidTo::Stay, Err(error)),
        }
    }

    #[call(Closed, event = bid)]
    #[expect(
        unused_variables,
        reason = "all methods of an event take the same arguments"
    )]
    fn bid_after_the_end(&mut self, bid: Bid) -> Result<(), BidError> {
        Err(BidError::Closed)
    }

    /// Answers when the auction has closed.
    #[call(Closed => stay, _ => postpone)]
    pub fn winner(&mut self) -> Option<Bid> {
        self.highest.clone()
    }

    #[call]
    pub fn highest(&self) -> Option<Bid> {
        self.highest.clone()
    }

    /// Returns the smallest amount that the auction accepts now.
    #[call]
    pub fn least(&self) -> Money {
        let highest = self.highest.as_ref();
        highest.map_or(self.terms.asking, |highest| highest.amount + STEP)
    }

    #[call]
    pub fn state(&self, ctx: &Context<Self>) -> AuctionState {
        ctx.state()
    }

    #[enter(Open)]
    fn open(&mut self, ctx: &mut Context<Self>) {
        let closes_at = self.terms.closes_at;
        ctx.state_timeout(closes_at.saturating_duration_since(Instant::now()));
    }

    #[state_timeout(Open => Closing)]
    fn call_last(&mut self) {
        self.news.broadcast(News::LastCall(self.lot.clone()));
    }

    #[enter(Closing)]
    fn going(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(self.terms.last_call);
    }

    /// The lot is sold. If the bank does not answer, the auction ends with this error.
    #[state_timeout(Closing => Closed)]
    async fn settle(&mut self) -> Result<(), CallError> {
        self.bank.settle(self.lot.clone()).await?;
        let winner = self.highest.clone();
        self.news.broadcast(News::Sold(self.lot.clone(), winner));
        Ok(())
    }

    #[state_timeout(Closed, after = SHOWN_FOR)]
    fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }

    async fn accept(&mut self, ctx: &mut Context<Self>, bid: Bid) -> Result<(), BidError> {
        let least = self.least();
        if bid.amount < least {
            return Err(BidError::TooLow { least });
        }
        match self.bank.hold(self.lot.clone(), bid.clone()).await {
            Ok(answer) => answer?,
            Err(error) => {
                // The bank may hold this bid now, or not. Only a new start knows.
                if !error.is_transient() {
                    ctx.stop(ExitReason::error(&error));
                }
                return Err(error.into());
            }
        }
        self.highest = Some(bid.clone());
        self.news.broadcast(News::Bid(self.lot.clone(), bid));
        Ok(())
    }
}
