use std::fmt;

use ambit::Message;

use super::bid::{Bid, Lot};

/// A news item of an auction.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[message(name = "gavel.news")]
pub enum News {
    Bid(Lot, Bid),
    LastCall(Lot),
    Sold(Lot, Option<Bid>),
}

// ANCHOR: lot
impl News {
    pub fn lot(&self) -> &Lot {
        match self {
            Self::Bid(lot, _) | Self::LastCall(lot) | Self::Sold(lot, _) => lot,
        }
    }
}
// ANCHOR_END: lot

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
