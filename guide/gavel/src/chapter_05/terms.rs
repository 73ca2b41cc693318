use std::time::Duration;

use super::money::Money;

/// The terms of the seller.
#[derive(Clone, Debug)]
pub struct Terms {
    pub asking: Money,
    pub open_for: Duration,
    /// The time between the last bid and the close.
    pub last_call: Duration,
}
