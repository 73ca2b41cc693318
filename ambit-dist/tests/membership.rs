//! The members of a cluster, as programs see them. Test names contain the cases of `docs/conformance.md`.

mod in_memory;
mod over_quic;
pub(crate) mod support;
