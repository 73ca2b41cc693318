//! Counting the messages of a server, while measuring is on.
//!
//! While measuring is off, the same loop runs with [`Unmeasured`], which compiles to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::header::ProcessHeader;
use crate::process::measure::{self, LONG};
use crate::process::method_counters::CounterLine;
use crate::rt::Instant;
use crate::server::latency::{MethodLatency, TypeLatency};

/// Counts the messages of a batch, if measuring is on.
pub(super) trait CountMessages {
    /// A handler begins. Returns whether its server may have to time it: if `latency` exists, callers have run methods
    /// of its type.
    fn begin(&mut self, method: &'static str, latency: &Option<Arc<TypeLatency>>) -> bool;
    /// The handler is done, without a panic.
    fn end(&mut self);
    /// The handler turned out to be async, and is run elsewhere.
    fn undo(&mut self);
    /// The next message was not counted by the queue.
    fn unqueued(&mut self);
}

/// Counts nothing.
pub(super) struct Unmeasured;

impl CountMessages for Unmeasured {
    #[inline(always)]
    fn begin(&mut self, _: &'static str, latency: &Option<Arc<TypeLatency>>) -> bool {
        latency.as_ref().is_some_and(|latency| latency.has_slow())
    }

    #[inline(always)]
    fn end(&mut self) {}

    #[inline(always)]
    fn undo(&mut self) {}

    #[inline(always)]
    fn unqueued(&mut self) {}
}

/// Consecutive runs on one thread, counted together while the method stays the same.
pub(super) struct RunCount<'a> {
    core: &'a ProcessHeader,
    latency: &'a TypeLatency,
    name: &'static str,
    method: Option<(&'a MethodLatency, &'a CounterLine)>,
    /// The number of `whole` that remains before a run is timed.
    left: u32,
    whole: u32,
    began: Option<Instant>,
    /// The tick counter, and its value at the end of the last handler.
    ticker: &'a AtomicU32,
    ticks: u32,
}

impl<'a> RunCount<'a> {
    pub(super) fn new(core: &'a ProcessHeader, latency: &'a TypeLatency) -> Self {
        Self {
            core,
            latency,
            name: "",
            method: None,
            left: 0,
            whole: 0,
            began: None,
            ticker: core.system.measure.ticker(),
            ticks: core.system.measure.ticks(),
        }
    }

    /// Records that the running handler has panicked.
    pub(super) fn panicked(&mut self) {
        self.flush();
        if let Some((method, _)) = self.method {
            method.tally().panicked();
        }
    }

    /// Publishes the counts.
    pub(super) fn flush(&mut self) {
        if let Some((method, line)) = self.method {
            let count = self.whole - self.left;
            self.whole = self.left;
            method.tally().handled(line, count);
        }
    }

    /// Switches to another method, to a timed run, or to a run that its server times; returns true in the last case.
    #[cold]
    fn turn_to(&mut self, name: &'static str) -> bool {
        self.flush();
        let method = self.latency.method(name);
        let line = method.tally().line();
        (self.name, self.method) = (name, Some((method, line)));
        self.left = line.left();
        if self.left == 0 {
            self.left = 1;
            self.began = Some(self.core.system.now());
        }
        self.whole = self.left;
        let is_slow = method.is_slow();
        if is_slow {
            // The next run checks again.
            self.name = "";
        }
        is_slow
    }

    /// Ends the countdown to a timed run, or the timed run.
    #[cold]
    fn counted_down(&mut self) {
        self.flush();
        if let (Some((method, line)), Some(began)) = (self.method, self.began.take()) {
            measure::timed(self.core, method.tally(), line, began);
        }
    }

    #[cold]
    fn ticked(&mut self, ticks: u32) {
        let seen = ticks.wrapping_sub(std::mem::replace(&mut self.ticks, ticks));
        if seen >= LONG {
            let name = self.method.map_or("", |(method, _)| method.name());
            measure::record(self.core, name, seen);
        }
    }
}

impl CountMessages for RunCount<'_> {
    #[inline]
    fn begin(&mut self, name: &'static str, _: &Option<Arc<TypeLatency>>) -> bool {
        if !std::ptr::eq(name, self.name) || self.left == 0 {
            return self.turn_to(name);
        }
        false
    }

    #[inline]
    fn end(&mut self) {
        self.left -= 1;
        if self.left == 0 {
            self.counted_down();
        }
        let ticks = self.ticker.load(Ordering::Relaxed);
        if ticks != self.ticks {
            self.ticked(ticks);
        }
    }

    fn undo(&mut self) {
        if self.began.take().is_some() {
            (self.left, self.whole) = (0, 0);
        }
    }

    fn unqueued(&mut self) {
        self.core.progress();
    }
}
