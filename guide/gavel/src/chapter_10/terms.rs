use std::time::Duration;

use tokio::time::Instant;

use super::money::Money;

/// The terms of the seller.
#[derive(Clone, Debug)]
pub struct Terms {
    pub asking: Money,
    pub closes_at: Instant,
    /// The time between the last bid and the end.
    pub last_call: Duration,
}
