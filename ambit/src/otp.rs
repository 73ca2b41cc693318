//! What OTP's library has beyond servers and supervisors. No room of it knows another.

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
