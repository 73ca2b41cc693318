//! Applications: parts of a program that start after their dependencies and stop before them. The features `config` and
//! `signal` add configuration and the handling of operating system signals. (OTP: `application`.)

#[cfg(feature = "config")]
pub(crate) mod config;
pub(crate) mod controller;
mod core;
pub(crate) mod error;
mod graph;
mod group;
mod master;
mod protocol;
#[cfg(feature = "signal")]
mod run;
mod shell;
mod shutdown_times;
pub(crate) mod spec;
mod sweep;
