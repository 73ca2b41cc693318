//! The server that parses lines, and crashes at each line that it cannot parse.
//!
//! A separate module from the feeder, so that a crash affects only the parser. The crash is an ordinary panic, except
//! that it skips the panic hook: broken lines in a log belong in the table, not on standard error.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;

use crate::line::Malformed;
use crate::sheet::Sheet;

/// Parses lines.
pub(crate) struct Parser;

/// Counts the starts of parsers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Starts(Arc<AtomicU64>);

#[gen_server]
impl Parser {
    #[init]
    pub(crate) fn init(starts: Starts) -> Self {
        starts.0.fetch_add(1, Ordering::Relaxed);
        Self
    }

    /// Parses the remaining lines of a sheet.
    #[call]
    pub(crate) fn read(&mut self, sheet: Arc<Sheet>) {
        if let Err(missing) = sheet.read_on() {
            crash(missing);
        }
    }
}

impl Starts {
    /// Returns the number of restarts, given the number of parsers.
    pub(crate) fn restarts_of(&self, parsers: usize) -> u64 {
        let starts = self.0.load(Ordering::Relaxed);
        starts.saturating_sub(parsers as u64)
    }
}

/// Panics without calling the hook.
fn crash(missing: Malformed) -> ! {
    panic::resume_unwind(Box::new(missing.to_string()))
}
