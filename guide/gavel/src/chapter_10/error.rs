use ambit::pool::CheckoutError;
use ambit::prelude::*;
use thiserror::Error;

use super::bid::Bidder;
use super::money::Money;

/// Why the bank refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BankError {
    #[error("{bidder} has only {available} available: bid less, or deposit more")]
    InsufficientFunds { bidder: Bidder, available: Money },
}

/// Why an auction refuses a bid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BidError {
    #[error("the auction is closed")]
    Closed,
    #[error("the bid is too low: bid {least} or more")]
    TooLow { least: Money },
    #[error(transparent)]
    Refused(#[from] BankError),
    #[error("the bank did not answer")]
    NoBank(#[from] CallError),
    #[error("the auction did not answer")]
    NoAuction(#[source] CallError),
    #[error("too many bids: wait a second")]
    TooFast,
    #[error("no clerk is free: bid again later")]
    NoClerk(#[from] CheckoutError),
    #[error("the clerk did not answer")]
    NotChecked(#[source] CallError),
    #[error("the amount is implausible: check it")]
    Implausible,
}
