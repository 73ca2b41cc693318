//! Presences on several nodes. Test names contain the cases of `docs/conformance.md`.

mod hooks;
mod in_memory;
mod limits;
mod over_quic;
mod panics;
mod subscriptions;
mod support;
mod tracking;
