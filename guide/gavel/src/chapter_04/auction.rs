use ambit::prelude::*;

use super::bank::BankSubject;
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;
use super::terms::Terms;

/// A bid must exceed the highest one by at least this amount.
const STEP: Money = Money::cents(50);

/// The auction of one lot. It closes by itself.
pub struct Auction {
    lot: Lot,
    terms: Terms,
    bank: BankSubject,
    highest: Option<Bid>,
    /// Runs until the auction is closed.
    closing: Option<Timer>,
    /// Callers that wait for the end.
    waiting: Vec<ReplyTo<Option<Bid>>>,
}

/// The message of the timer.
struct ClosingTime;

#[gen_server]
impl Auction {
    #[init]
    pub fn new(ctx: &mut Context<Self>, lot: Lot, terms: Terms, bank: BankSubject) -> Self {
        let closing = ctx.send_after(terms.open_for, ClosingTime);
        Self {
            lot,
            terms,
            bank,
            highest: None,
            closing: Some(closing),
            waiting: Vec::new(),
        }
    }

    /// Makes `bid` the highest one.
    #[call]
    pub async fn bid(&mut self, ctx: &mut Context<Self>, bid: Bid) -> Result<(), BidError> {
        if self.closing.is_none() {
            return Err(BidError::Closed);
        }
        let least = self.least();
        if bid.amount < least {
            return Err(BidError::TooLow { least });
        }
        self.bank.hold(self.lot.clone(), bid.clone()).await??;
        self.highest = Some(bid);
        self.extend(ctx);
        Ok(())
    }

    /// Answers when the auction has closed.
    #[call(deferred)]
    pub fn winner(&mut self, reply: ReplyTo<Option<Bid>>) {
        if self.closing.is_some() {
            self.waiting.push(reply);
        } else {
            reply.send(self.highest.clone());
        }
    }

    #[info]
    async fn on_closing_time(&mut self, _: ClosingTime) -> Result<(), CallError> {
        self.closing = None;
        self.bank.settle(self.lot.clone()).await?;
        for reply in self.waiting.drain(..) {
            reply.send(self.highest.clone());
        }
        Ok(())
    }

    /// Gives the other bidders time to answer.
    fn extend(&mut self, ctx: &mut Context<Self>) {
        let left = self.closing.as_ref().and_then(|timer| ctx.cancel(timer));
        let left = left.unwrap_or_default().max(self.terms.last_call);
        self.closing = Some(ctx.send_after(left, ClosingTime));
    }

    /// Returns the smallest amount that the auction accepts now.
    fn least(&self) -> Money {
        let highest = self.highest.as_ref();
        highest.map_or(self.terms.asking, |highest| highest.amount + STEP)
    }
}
