// ANCHOR: head
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use tokio::time::Instant;

use super::bank::{BankSubject, Record};
use super::bid::{Bid, Lot};
use super::catalog::CatalogSubject;
use super::error::BidError;
use super::money::Money;
use super::news::News;
use super::terms::Terms;

/// A bid must exceed the highest one by at least this amount.
const STEP: Money = Money::cents(50);

/// How long a closed auction still answers.
const SHOWN_FOR: Duration = Duration::from_secs(3_600);

/// How long the bank may take.
const BANK_WITHIN: Duration = Duration::from_secs(1);

/// The role of the members that run auctions.
pub const AUCTIONS: &str = "auctions";

/// The auction of one lot: first open, then "going once, going twice", then closed.
pub struct Auction {
    lot: Lot,
    terms: Terms,
    bank: BankSubject,
    catalog: CatalogSubject,
    turn: u64,
    highest: Option<Bid>,
}

#[state_machine(states = [Open, Closing, Closed], mailbox = 32, overflow = reject, remote = "gavel.auction")]
impl Auction {
    /// Continues where an earlier one has ended, also if that was on another machine.
    #[init(Closed)]
    pub async fn new(
        ctx: &mut Context<Self>,
        lot: Lot,
        bank: BankSubject,
        catalog: CatalogSubject,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let opening = catalog.opening(lot.clone()).await?;
        let opening = opening.ok_or("this lot is not in the catalog")?;
        let (turn, record) = bank.begin(lot.clone()).await?;
        let highest = match record {
            Record::Unsold(highest) => highest,
            Record::Sold(winner) => {
                ctx.start_in(AuctionState::Closed);
                winner
            }
        };
        Ok(Self {
            lot,
            terms: opening.into(),
            bank,
            catalog,
            turn,
            highest,
        })
    }
    // ANCHOR_END: head

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

    // ANCHOR: last
    #[state_timeout(Open => Closing)]
    async fn call_last(&mut self) {
        self.publish(News::LastCall(self.lot.clone())).await;
    }
    // ANCHOR_END: last

    #[enter(Closing)]
    fn going(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(self.terms.last_call);
    }

    // ANCHOR: settle
    /// The lot is sold. If the bank does not answer, the auction ends with this error.
    #[state_timeout(Closing => Closed)]
    async fn settle(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let settled = self.bank.settle(self.lot.clone(), self.turn);
        settled.timeout(BANK_WITHIN).await??;
        let winner = self.highest.clone();
        self.publish(News::Sold(self.lot.clone(), winner)).await;
        Ok(())
    }
    // ANCHOR_END: settle

    #[state_timeout(Closed, after = SHOWN_FOR)]
    fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }

    // ANCHOR: accept
    async fn accept(&mut self, ctx: &mut Context<Self>, bid: Bid) -> Result<(), BidError> {
        let least = self.least();
        if bid.amount < least {
            return Err(BidError::TooLow { least });
        }
        let held = self.bank.hold(self.lot.clone(), self.turn, bid.clone());
        match held.timeout(BANK_WITHIN).await {
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
        self.publish(News::Bid(self.lot.clone(), bid)).await;
        Ok(())
    }

    /// News can be lost with a connection. Money cannot.
    async fn publish(&self, news: News) {
        self.catalog.publish(news).await.ok();
    }
    // ANCHOR_END: accept
}
