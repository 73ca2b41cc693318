//! Old and new versions of messages and methods, pair by pair: what the contract says of each, and what the bytes of one
//! are to the other, through both codecs.

mod bridge;
mod lock;
mod methods;
mod pair;
mod structs;
mod types;
mod values;
mod variants;

/// Derives what every message here has.
macro_rules! messages {
    ($($item:item)*) => {
        $(#[derive(ambit::Message, Clone, Debug, PartialEq, Eq, Hash)] $item)*
    };
}
use messages;
