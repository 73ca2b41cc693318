use ambit::Message;
use ambit::pool::CheckoutError;
use ambit::prelude::*;
use thiserror::Error;

use super::bid::Bidder;
use super::money::Money;

/// Why the bank refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, Error, Message)]
#[message(name = "gavel.bank_error")]
pub enum BankError {
    #[error("{bidder} has only {available} available: bid less, or deposit more")]
    InsufficientFunds { bidder: Bidder, available: Money },
}

/// Why a bid has no effect, or what is unknown about it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Message)]
#[message(name = "gavel.bid_error")]
pub enum BidError {
    #[error("the auction is closed")]
    Closed,
    #[error("the bid is too low: bid {least} or more")]
    TooLow { least: Money },
    #[error(transparent)]
    Refused(#[from] BankError),
    #[error("too many bids: wait a second")]
    TooFast,
    #[error("the amount is implausible: check it")]
    Implausible,
    #[error("this lot has no auction")]
    NoAuction,
    #[error("the house is busy: bid again later")]
    Busy,
    #[error("no answer: look at the highest bid before you bid again")]
    Unknown,
}

/// A call between servers of the house has failed.
impl From<CallError> for BidError {
    fn from(error: CallError) -> Self {
        if error.is_transient() {
            Self::Busy
        } else {
            Self::Unknown
        }
    }
}

/// No clerk is free.
impl From<CheckoutError> for BidError {
    fn from(_: CheckoutError) -> Self {
        Self::Busy
    }
}
