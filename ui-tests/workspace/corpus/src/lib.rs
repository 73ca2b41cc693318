//! The legal programs of `ui-tests`, which are copied next to this file, in another edition and with ambit renamed.
#![allow(missing_docs, reason = "the modules say it themselves")]

extern crate actors as ambit;

mod edition_2021;

pub mod compiles;
pub mod machines_compile;
pub mod messages_compile;
pub mod protocols;
pub mod runs;
pub mod supervisors_compile;
