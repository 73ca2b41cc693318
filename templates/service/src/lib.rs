//! A link shortener as a supervision tree behind HTTP.
//!
//! ```text
//! App            supervisor: restarts what crashes
//! ├── visits     `Visits`: counts the visits of each link
//! └── links      `Links`: codes and their targets, which expire
//! ```
//!
//! `http` is the API, `settings` the configuration, `run` the whole program: start, serve, drain, stop.
#![forbid(unsafe_code)]

pub mod app;
pub mod http;
pub mod links;
pub mod run;
pub mod settings;
pub mod visits;
