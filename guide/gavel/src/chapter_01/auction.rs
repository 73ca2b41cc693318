use ambit::prelude::*;

use super::bid::{Bid, Lot};

/// The auction of one lot.
pub struct Auction {
    lot: Lot,
    highest: Option<Bid>,
}

#[gen_server]
impl Auction {
    #[init]
    pub fn new(lot: Lot) -> Self {
        Self { lot, highest: None }
    }

    /// Returns true if `bid` is now the highest one.
    #[call]
    pub fn bid(&mut self, bid: Bid) -> bool {
        let highest = self.highest.as_ref();
        let is_higher = highest.is_none_or(|highest| bid.amount > highest.amount);
        if is_higher {
            self.highest = Some(bid);
        }
        is_higher
    }

    #[call]
    pub fn highest(&self) -> Option<Bid> {
        self.highest.clone()
    }

    #[terminate]
    fn end(&mut self, reason: &ExitReason) {
        println!("the auction of the {} ends: {reason}", self.lot);
    }
}
