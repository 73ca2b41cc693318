use ambit::prelude::*;
use ambit::retry::{Retry, RetryError};

use super::bid::{Bid, Bidder, Lot};
use super::house::House;
use super::money::Money;
use super::news::News;

/// Outbids the others, up to a limit.
pub struct AutoBidder {
    bidder: Bidder,
    lot: Lot,
    limit: Money,
    house: House,
}

#[gen_server]
impl AutoBidder {
    #[init]
    pub fn new(
        ctx: &mut Context<Self>,
        bidder: Bidder,
        lot: Lot,
        limit: Money,
        house: House,
    ) -> Self {
        let is_subscribed = house.news(&lot).subscribe(&ctx.recipient());
        debug_assert!(is_subscribed, "a running server can subscribe");
        ctx.continue_with(AutoBidderContinue::Raise);
        Self {
            bidder,
            lot,
            limit,
            house,
        }
    }

    #[info]
    fn on_news(&mut self, ctx: &mut Context<Self>, news: News) {
        match news {
            News::Bid(_, bid) if bid.bidder != self.bidder => {
                ctx.continue_with(AutoBidderContinue::Raise);
            }
            News::Sold(..) => ctx.stop(ExitReason::Normal),
            News::Bid(..) | News::LastCall(_) => {}
        }
    }

    /// An auction that crashes meanwhile is asked again.
    #[continue_with]
    async fn raise(&mut self) -> Result<(), RetryError<CallError>> {
        let attempts = Retry::times(5).run(|| self.raise_once());
        attempts.when(CallError::is_transient_if_idempotent).await
    }

    /// Bids if another bidder leads. To do it twice does no harm.
    async fn raise_once(&self) -> Result<(), CallError> {
        let auction = self.house.auction(self.lot.clone()).when_available();
        let highest = auction.highest().await?;
        if highest.is_some_and(|bid| bid.bidder == self.bidder) {
            return Ok(());
        }
        let amount = auction.least().await?;
        if amount <= self.limit {
            let bidder = self.bidder.clone();
            // If another bid was faster, its news arrives soon.
            auction.bid(Bid { bidder, amount }).await?.ok();
        }
        Ok(())
    }
}
