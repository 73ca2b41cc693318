//! The members of the cluster: who takes part, who is suspected, and who is gone.
//!
//! [`core`] makes the decisions, without a clock or network, on top of the protocol in [`swim`]. [`run`] is the single
//! task that feeds it events and performs its actions. Its messages travel on the gossip channel of the sessions.

mod claims;
pub(crate) mod core;
pub(crate) mod event;
pub(crate) mod frame;
mod gossip_budget;
pub(crate) mod handle;
mod known_names;
pub(crate) mod member;
pub(crate) mod member_id;
pub(crate) mod node_health;
mod peer_claims;
mod report;
pub(crate) mod run;
pub(crate) mod start;
mod state_exchange;
mod suspicions;
pub(crate) mod swim;
mod swim_rng;
mod swim_timers;
#[cfg(test)]
mod tests;
pub(crate) mod view;
