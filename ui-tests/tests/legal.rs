//! Programs that must compile, without a warning, under strict lints. The modules are public, like those of a library,
//! so that the lints for public items apply.
#![allow(missing_docs, reason = "the modules say it themselves")]

pub mod compiles;
pub mod machines_compile;
pub mod messages_compile;
pub mod protocols;
pub mod runs;
pub mod snapshots;
pub mod supervisors_compile;
