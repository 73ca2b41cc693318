use std::time::Duration;

use ambit::prelude::*;
use tokio::time::sleep;

use super::money::Money;

/// A higher amount is a typing error.
const MOST: Money = Money::cents(1_000_000);

/// Checks bids before they reach an auction. This takes time, and there are few clerks.
pub struct Clerk;

#[gen_server]
impl Clerk {
    #[call]
    pub async fn is_plausible(&mut self, amount: Money) -> bool {
        sleep(Duration::from_millis(20)).await;
        amount <= MOST
    }
}
