use std::time::Duration;

use ambit::prelude::*;

use super::auction::Auction;
use super::bank::Bank;
use super::bid::Lot;
use super::terms::Terms;

/// The auction house: a bank, and the auction of one lot.
pub struct House {
    pub lot: Lot,
    pub terms: Terms,
}

#[supervisor(strategy = RestForOne, restarts = 3, within = Duration::from_secs(5))]
impl House {
    #[child]
    pub fn bank(&self) -> ChildSpec<Bank> {
        Bank::child_spec(Bank::default)
    }

    /// Asks the bank, so it starts after the bank and restarts with it.
    #[child]
    pub fn auction(&self, house: &HouseSubject) -> ChildSpec<Auction> {
        Auction::child_spec(self.lot.clone(), self.terms.clone(), house.bank())
    }
}
