use std::time::Duration;

use super::money::Money;

/// The terms of the seller.
#[derive(Clone, Debug)]
pub struct Terms {
    pub asking: Money,
    pub open_for: Duration,
    /// After a bid, the auction stays open for at least this time.
    pub last_call: Duration,
}
