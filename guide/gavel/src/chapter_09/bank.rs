use std::collections::BTreeMap;
use std::fmt;

use ambit::prelude::*;

use super::bid::{Bid, Bidder, Lot};
use super::error::BankError;
use super::money::Money;

/// Keeps the money of all bidders. A bid holds its amount until it is outbid or the lot is sold.
#[derive(Default)]
pub struct Bank {
    free: BTreeMap<Bidder, Money>,
    held: BTreeMap<Lot, Bid>,
    sold: BTreeMap<Lot, Option<Bid>>,
    paid: Money,
}

/// The record of the bank for a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// It is not sold yet. The amount of the highest bid is held.
    Unsold(Option<Bid>),
    /// Its auction has ended.
    Sold(Option<Bid>),
}

/// All the money in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    pub free: Money,
    pub held: Money,
    pub paid: Money,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { free, held, paid } = self;
        write!(f, "free {free}, held {held}, paid {paid}")
    }
}

#[gen_server]
impl Bank {
    /// A call: a cast would be lost if the bank crashed before its turn.
    #[call]
    pub fn deposit(&mut self, bidder: Bidder, amount: Money) {
        *self.free.entry(bidder).or_default() += amount;
    }

    /// Holds the amount of `bid` for `lot`, and refunds the bid that it replaces.
    #[call]
    pub fn hold(&mut self, lot: Lot, bid: Bid) -> Result<(), BankError> {
        let available = self.available(&lot, &bid.bidder);
        if available < bid.amount {
            return Err(BankError::InsufficientFunds {
                bidder: bid.bidder,
                available,
            });
        }
        if let Some(outbid) = self.held.insert(lot, bid.clone()) {
            *self.free.entry(outbid.bidder).or_default() += outbid.amount;
        }
        *self.free.entry(bid.bidder).or_default() -= bid.amount;
        Ok(())
    }

    /// Pays the amount that is held for `lot` to the seller. The second time, it does nothing.
    #[call]
    pub fn settle(&mut self, lot: Lot) {
        if self.sold.contains_key(&lot) {
            return;
        }
        let bid = self.held.remove(&lot);
        if let Some(bid) = &bid {
            self.paid += bid.amount;
        }
        self.sold.insert(lot, bid);
    }

    #[call]
    pub fn record(&self, lot: Lot) -> Record {
        match self.sold.get(&lot) {
            Some(winner) => Record::Sold(winner.clone()),
            None => Record::Unsold(self.held.get(&lot).cloned()),
        }
    }

    #[call]
    pub fn statement(&self) -> Statement {
        Statement {
            free: self.free.values().copied().sum(),
            held: self.held.values().map(|bid| bid.amount).sum(),
            paid: self.paid,
        }
    }

    /// Returns what `bidder` can bid for `lot`: the free money, and what is held for the same lot.
    fn available(&self, lot: &Lot, bidder: &Bidder) -> Money {
        let free = self.free.get(bidder).copied().unwrap_or_default();
        let own = self.held.get(lot).filter(|held| held.bidder == *bidder);
        free + own.map(|held| held.amount).unwrap_or_default()
    }
}
