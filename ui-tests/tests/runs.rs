//! Unusual programs that are legal: each compiles without a warning under strict lints, and runs.
//!
//! One file per kind of oddity. What needs no run to show that it is fine is in `tests/compiles.rs`.

#![deny(warnings, missing_docs, unsafe_code, unreachable_pub)]
#![deny(elided_lifetimes_in_paths, unused_qualifications)]
#![deny(missing_debug_implementations, unnameable_types)]

mod alike;
mod bare_modules;
mod blocks;
mod common_names;
mod conditions;
mod extensions;
mod generic_servers;
mod globs;
mod handles_abroad;
mod keywords;
mod lints;
mod made_by_macros;
mod places;
pub mod public_servers;
mod recursive;
mod returns;
mod shadowed_types;
