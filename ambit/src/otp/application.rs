//! Applications: parts of a program that start after what they depend on and stop before it; with configuration and the
//! signals of the operating system, each behind a feature. (OTP: `application`.)

#[cfg(feature = "config")]
pub(crate) mod config;
pub(crate) mod controller;
mod core;
mod door;
pub(crate) mod error;
mod graph;
mod group;
mod master;
#[cfg(feature = "signal")]
mod run;
mod shell;
pub(crate) mod spec;
mod sweep;
mod times;
