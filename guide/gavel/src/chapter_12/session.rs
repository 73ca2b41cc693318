use std::time::Duration;

use ambit::prelude::*;
use ambit::rate_limit::{Rate, RateLimiter};

use super::auto_bidder::AutoBidder;
use super::bid::{Bid, Bidder, Lot};
use super::error::BidError;
use super::house::House;
use super::money::Money;

/// How long a bid waits for a clerk.
const CLERK_WITHIN: Duration = Duration::from_millis(500);

/// A bidder in the house.
pub struct Session {
    bidder: Bidder,
    house: House,
    limiter: RateLimiter,
}

#[gen_server(remote = "gavel.session")]
impl Session {
    #[init]
    pub fn new(bidder: Bidder, house: House) -> Self {
        Self {
            bidder,
            house,
            limiter: RateLimiter::new(Rate::per_second(1).burst(5)),
        }
    }

    #[call]
    pub async fn bid(&mut self, lot: Lot, amount: Money) -> Result<(), BidError> {
        if !self.limiter.try_acquire() {
            return Err(BidError::TooFast);
        }
        let clerk = self.house.clerks().checkout().timeout(CLERK_WITHIN).await?;
        let is_plausible = clerk.is_plausible(amount).await;
        drop(clerk);
        if !is_plausible? {
            return Err(BidError::Implausible);
        }
        let bidder = self.bidder.clone();
        let auction = self.house.auction(lot);
        match auction.bid(Bid { bidder, amount }).await {
            Ok(answer) => answer,
            Err(CallError::NoProcess) => Err(BidError::NoAuction),
            Err(error) => Err(error.into()),
        }
    }

    /// Outbids the others up to `limit`, as long as the session lasts.
    #[call]
    pub async fn bid_up_to(&mut self, lot: Lot, limit: Money) -> Result<(), String> {
        let bidder = self.bidder.clone();
        let started = AutoBidder::start(bidder, lot, limit, self.house.clone()).link();
        started.await.map_err(|error| error.to_string())?;
        Ok(())
    }
}
