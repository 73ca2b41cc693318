//! Finding, keeping and losing nodes. Test names contain the cases of `docs/conformance.md`.

mod admission;
mod answers_at_leave;
mod connect;
mod custom_transport;
mod ending_sessions;
mod events;
mod flood;
mod leaving;
mod loss;
mod member;
mod namesakes;
mod quic;
mod reading;
mod refused;
mod renewals;
pub(crate) mod support;
mod unconfirmed;
