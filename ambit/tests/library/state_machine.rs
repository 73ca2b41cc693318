//! State machines: what their states do, and what the machine does by itself.

use std::time::Duration;

mod by_hand;
mod door;
mod ending;
mod order;
mod races;
mod server;
mod timeouts;

const SECOND: Duration = Duration::from_secs(1);
