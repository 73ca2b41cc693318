//! Retries: further attempts at an operation that fails, with pauses between them.

pub(crate) mod policy;
pub(crate) mod run;
pub(crate) mod schedule;
#[cfg(test)]
mod tests;

pub use crate::retry::policy::{Jitter, Retry};
pub use crate::retry::run::{RetryError, Retrying};
pub use crate::retry::schedule::GaveUp;
