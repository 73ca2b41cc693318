//! The server that takes lines apart, and crashes at each that it cannot read.
//!
//! Apart from the feeder so that a crash costs nothing but the parser. The crash is a panic like any other, but for the panic hook,
//! which stays silent: that a log holds broken lines is news for the table, not for standard error.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;

use crate::line::Malformed;
use crate::sheet::Sheet;

/// Reads lines.
pub(crate) struct Parser;

/// How often parsers were started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Starts(Arc<AtomicU64>);

#[gen_server]
impl Parser {
    #[init]
    pub(crate) fn init(starts: Starts) -> Self {
        starts.0.fetch_add(1, Ordering::Relaxed);
        Self
    }

    /// Reads what is left to read on a sheet.
    #[call]
    pub(crate) fn read(&mut self, sheet: Arc<Sheet>) {
        if let Err(missing) = sheet.read_on() {
            crash(missing);
        }
    }
}

impl Starts {
    /// Returns how many of them were restarts of these many parsers.
    pub(crate) fn restarts_of(&self, parsers: usize) -> u64 {
        let starts = self.0.load(Ordering::Relaxed);
        starts.saturating_sub(parsers as u64)
    }
}

/// Panics without the hook.
fn crash(missing: Malformed) -> ! {
    panic::resume_unwind(Box::new(missing.to_string()))
}
