//! Retries: repeats a failed operation, with pauses between the attempts.

pub(crate) mod policy;
pub(crate) mod run;
pub(crate) mod schedule;
#[cfg(test)]
mod tests;

pub use crate::retry::policy::{Jitter, Retry};
pub use crate::retry::run::{RetryError, Retrying};
pub use crate::retry::schedule::GaveUp;
