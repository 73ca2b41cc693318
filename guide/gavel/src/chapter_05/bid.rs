use std::fmt;
use std::sync::Arc;

use super::money::Money;

/// The name of a bidder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bidder(Arc<str>);

/// The name of a lot: a thing that is sold by auction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lot(Arc<str>);

/// An offer for a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
    pub bidder: Bidder,
    pub amount: Money,
}

impl Bid {
    pub fn new(bidder: &str, cents: u64) -> Self {
        Self {
            bidder: bidder.into(),
            amount: Money::cents(cents),
        }
    }
}

impl From<&str> for Bidder {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<&str> for Lot {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Bidder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Bid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.amount, self.bidder)
    }
}
