use ambit::prelude::*;

use super::bank::BankSubject;
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;
use super::terms::Terms;

/// A bid must exceed the highest one by at least this amount.
const STEP: Money = Money::cents(50);

/// The auction of one lot: first open, then "going once, going twice", then closed.
pub struct Auction {
    lot: Lot,
    terms: Terms,
    bank: BankSubject,
    highest: Option<Bid>,
}

#[state_machine(states = [Open, Closing, Closed])]
impl Auction {
    #[init]
    pub fn new(lot: Lot, terms: Terms, bank: BankSubject) -> Self {
        Self {
            lot,
            terms,
            bank,
            highest: None,
        }
    }

    /// Makes `bid` the highest one.
    #[call(Open)]
    pub async fn bid(&mut self, bid: Bid) -> Result<(), BidError> {
        self.accept(bid).await
    }

    /// A bid in the last call starts the last call again.
    #[call(Closing => repeat | stay, event = bid)]
    async fn late_bid(&mut self, bid: Bid) -> (AuctionLateBidTo, Result<(), BidError>) {
        match self.accept(bid).await {
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
    pub fn state(&self, ctx: &Context<Self>) -> AuctionState {
        ctx.state()
    }

    #[enter(Open)]
    fn open(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(self.terms.open_for);
    }

    #[state_timeout(Open => Closing)]
    fn call_last(&mut self) {}

    #[enter(Closing)]
    fn going(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(self.terms.last_call);
    }

    /// The lot is sold. If the bank does not answer, the auction ends with this error.
    #[state_timeout(Closing => Closed)]
    async fn settle(&mut self) -> Result<(), CallError> {
        self.bank.settle(self.lot.clone()).await
    }

    async fn accept(&mut self, bid: Bid) -> Result<(), BidError> {
        let least = self.least();
        if bid.amount < least {
            return Err(BidError::TooLow { least });
        }
        self.bank.hold(self.lot.clone(), bid.clone()).await??;
        self.highest = Some(bid);
        Ok(())
    }

    /// Returns the smallest amount that the auction accepts now.
    fn least(&self) -> Money {
        let highest = self.highest.as_ref();
        highest.map_or(self.terms.asking, |highest| highest.amount + STEP)
    }
}
