use std::fmt;

use super::bid::{Bid, Lot};

/// A news item of an auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Bid(Lot, Bid),
    LastCall(Lot),
    Sold(Lot, Option<Bid>),
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bid(lot, bid) => write!(f, "{lot}: {bid}"),
            Self::LastCall(lot) => write!(f, "{lot}: last call"),
            Self::Sold(lot, Some(bid)) => write!(f, "{lot}: sold for {bid}"),
            Self::Sold(lot, None) => write!(f, "{lot}: not sold"),
        }
    }
}
