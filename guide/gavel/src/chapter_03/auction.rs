use ambit::prelude::*;

use super::bank::BankSubject;
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;

/// A bid must exceed the highest one by at least this amount.
const STEP: Money = Money::cents(50);

/// The auction of one lot.
pub struct Auction {
    lot: Lot,
    asking: Money,
    bank: BankSubject,
    highest: Option<Bid>,
    is_closed: bool,
}

#[gen_server]
impl Auction {
    #[init]
    pub fn new(lot: Lot, asking: Money, bank: BankSubject) -> Self {
        Self {
            lot,
            asking,
            bank,
            highest: None,
            is_closed: false,
        }
    }

    /// Makes `bid` the highest one.
    #[call]
    pub async fn bid(&mut self, bid: Bid) -> Result<(), BidError> {
        if self.is_closed {
            return Err(BidError::Closed);
        }
        let least = self.least();
        if bid.amount < least {
            return Err(BidError::TooLow { least });
        }
        self.bank.hold(self.lot.clone(), bid.clone()).await??;
        self.highest = Some(bid);
        Ok(())
    }

    /// Closes the auction, and returns the bid that has won.
    #[call]
    pub async fn close(&mut self) -> Result<Option<Bid>, CallError> {
        if !self.is_closed {
            self.bank.settle(self.lot.clone()).await?;
            self.is_closed = true;
        }
        Ok(self.highest.clone())
    }

    /// Returns the smallest amount that the auction accepts now.
    fn least(&self) -> Money {
        let highest = self.highest.as_ref();
        highest.map_or(self.asking, |highest| highest.amount + STEP)
    }
}
