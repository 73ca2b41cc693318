//! State machines: the behaviour of their states, and the events that a machine generates itself.

use std::time::Duration;

mod by_hand;
mod door;
mod ending;
mod order;
mod races;
mod server;
mod timeouts;

const SECOND: Duration = Duration::from_secs(1);
