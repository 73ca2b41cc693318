use std::time::Duration;

use ambit::Message;
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

/// The same for another machine, whose clock is another one.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[message(name = "gavel.opening")]
pub struct Opening {
    pub asking: Money,
    pub open_for: Duration,
    pub last_call: Duration,
}

impl From<Opening> for Terms {
    fn from(opening: Opening) -> Self {
        Self {
            asking: opening.asking,
            closes_at: Instant::now() + opening.open_for,
            last_call: opening.last_call,
        }
    }
}

impl From<Terms> for Opening {
    fn from(terms: Terms) -> Self {
        Self {
            asking: terms.asking,
            open_for: terms.closes_at.saturating_duration_since(Instant::now()),
            last_call: terms.last_call,
        }
    }
}
