//! The std types that travel, and how.

mod containers;
mod numbers;
mod tuples;
