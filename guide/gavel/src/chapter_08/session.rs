use ambit::prelude::*;

use super::auto_bidder::AutoBidder;
use super::bid::{Bid, Bidder, Lot};
use super::error::BidError;
use super::house::House;
use super::money::Money;

/// A bidder in the house.
pub struct Session {
    bidder: Bidder,
    house: House,
}

#[gen_server]
impl Session {
    #[init]
    pub fn new(bidder: Bidder, house: House) -> Self {
        Self { bidder, house }
    }

    #[call]
    pub async fn bid(&mut self, lot: Lot, amount: Money) -> Result<(), BidError> {
        let bidder = self.bidder.clone();
        let auction = self.house.auction(lot);
        let answer = auction.bid(Bid { bidder, amount }).await;
        answer.map_err(BidError::NoAuction)?
    }

    /// Outbids the others up to `limit`, as long as the session lasts.
    #[call]
    pub async fn bid_up_to(&mut self, lot: Lot, limit: Money) -> Result<(), StartError> {
        let bidder = self.bidder.clone();
        AutoBidder::start(bidder, lot, limit, self.house.clone())
            .link()
            .await?;
        Ok(())
    }
}
