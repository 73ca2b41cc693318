//! Old and new versions of messages and methods, pair by pair: the verdict of the contract, and the bytes of each
//! version decoded as the other, through both codecs.

mod arguments;
mod bridge;
mod evolutions;
mod lock;
mod methods;
mod nested;
mod nested_evolutions;
mod pair;
#[path = "messages/rng.rs"]
mod rng;
mod structs;
mod types;
mod values;
mod variants;

/// Derives the traits of every message in these tests.
macro_rules! messages {
    ($($item:item)*) => {
        $(#[derive(ambit::Message, Clone, Debug, PartialEq, Eq, Hash)] $item)*
    };
}
use messages;
