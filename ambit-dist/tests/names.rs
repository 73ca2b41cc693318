//! Names of the cluster, as programs use them. Test names contain the cases of `docs/conformance.md`.

mod conflicts;
mod ends;
mod in_memory;
mod joining;
mod over_quic;
mod panics;
mod registry;
pub(crate) mod support;
mod targets;
