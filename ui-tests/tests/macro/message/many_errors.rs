// all mistakes of a message are reported at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "u64", version = 1, verson = 2)]
enum Event {
    #[message(tag = "Refunded", since = 2)]
    Paid(#[message(rename = "1")] u64, String),
    Refunded,
    #[message(version = 3)]
    Cancelled {
        #[message(rename = "a b", default, since = 2)]
        reason: String,
    },
}

// Not a mistake: the message is one all the same.
fn travels<T: ambit::message::Wire + Message>() {}
const _: fn() = travels::<Event>;

fn main() {}
