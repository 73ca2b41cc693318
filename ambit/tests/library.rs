//! The rest of OTP's library, one module per topic. The name of a test for a numbered case begins with its id.

mod agent;
mod application;
mod attach;
mod breaker;
mod configuration;
mod contract;
mod deadlines;
mod dropped;
mod errors;
mod group;
mod hostile;
mod inspect;
mod panicking_conversions;
mod pool;
mod pubsub;
mod rate_limit;
mod retry;
mod state_machine;
mod status_methods;
mod table;
mod task;
mod tower_service;
