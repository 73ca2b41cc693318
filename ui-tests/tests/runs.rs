//! Unusual programs that are legal: each compiles without a warning under strict lints, and runs.
//!
//! One file per kind of oddity. Programs that need not run are in `tests/compiles.rs`.

#![deny(warnings, missing_docs, unsafe_code, unreachable_pub)]
#![deny(elided_lifetimes_in_paths, unused_qualifications)]
#![deny(missing_debug_implementations, unnameable_types)]

mod alike;
mod argument_names;
mod bare_modules;
mod binders;
mod blocks;
mod common_names;
mod conditional_attributes;
mod conditions;
mod extensions;
pub mod forbidden_lints;
mod free_names;
mod functions;
mod generic_handles;
mod generic_ports;
mod generic_servers;
mod globs;
mod handles_abroad;
mod hostile_names;
mod keywords;
mod lints;
mod lower_case_items;
mod made_by_macros;
mod marks;
mod mod_files;
mod named_constants;
mod one_name;
mod other_contexts;
mod places;
pub mod public_servers;
mod raw_names;
mod receivers;
mod recursive;
mod returns;
mod shadowed_types;
mod signatures;
mod spoken_names;
mod static_machines;
mod std_contexts;
mod variant_names;
