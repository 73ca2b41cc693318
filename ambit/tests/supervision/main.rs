//! Supervisors, from outside.
#![allow(missing_docs, clippy::unwrap_used)]

mod smoke;

