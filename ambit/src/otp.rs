//! The parts of OTP's standard library other than servers and supervisors. These modules do not depend on each other.

pub(crate) mod agent;
pub(crate) mod application;
pub(crate) mod breaker;
pub(crate) mod group;
pub(crate) mod pool;
pub(crate) mod pubsub;
pub(crate) mod rate_limit;
pub(crate) mod state_machine;
pub(crate) mod table;
pub(crate) mod task;
