//! Counting the messages that a server handles one after the other, as long as somebody measures.
//!
//! A server that nobody measures has the same loop with [`Unmeasured`] in it, which leaves nothing of this.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::core::Core;
use crate::process::measure::{self, LONG};
use crate::process::tally::Line;
use crate::rt::Instant;
use crate::server::pace::{Method, Pace};

/// Who counts the messages of a row, if anybody does.
pub(super) trait Counts {
    /// A handler begins; says whether its server may have to time it: `pace`, if callers have run methods of its type.
    fn begin(&mut self, method: &'static str, pace: &Option<Arc<Pace>>) -> bool;
    /// It is done; it did not panic.
    fn end(&mut self);
    /// It turned out to be async, and is run otherwise.
    fn undo(&mut self);
    /// The message that comes is none that the queue has counted.
    fn unqueued(&mut self);
}

/// Nobody.
pub(super) struct Unmeasured;

impl Counts for Unmeasured {
    #[inline(always)]
    fn begin(&mut self, _: &'static str, pace: &Option<Arc<Pace>>) -> bool {
        pace.as_ref().is_some_and(|pace| pace.has_slow())
    }

    #[inline(always)]
    fn end(&mut self) {}

    #[inline(always)]
    fn undo(&mut self) {}

    #[inline(always)]
    fn unqueued(&mut self) {}
}

/// Many runs after each other on one thread, counted together as long as the method is the same.
pub(super) struct Row<'a> {
    core: &'a Core,
    pace: &'a Pace,
    name: &'static str,
    method: Option<(&'a Method, &'a Line)>,
    /// So many of `whole` are left before one is timed.
    left: u32,
    whole: u32,
    began: Option<Instant>,
    /// What counts ticks, and how many there were when the last handler was done.
    ticker: &'a AtomicU32,
    ticks: u32,
}

impl<'a> Row<'a> {
    pub(super) fn new(core: &'a Core, pace: &'a Pace) -> Self {
        Self {
            core,
            pace,
            name: "",
            method: None,
            left: 0,
            whole: 0,
            began: None,
            ticker: core.world.measure.ticker(),
            ticks: core.world.measure.ticks(),
        }
    }

    /// The handler that runs has panicked.
    pub(super) fn panicked(&mut self) {
        self.flush();
        if let Some((method, _)) = self.method {
            method.tally().panicked();
        }
    }

    /// Tells the counts.
    pub(super) fn flush(&mut self) {
        if let Some((method, line)) = self.method {
            let count = self.whole - self.left;
            self.whole = self.left;
            method.tally().handled(line, count);
        }
    }

    /// The method is another one, or one run is to be timed, or its server times it for its pace: true then.
    #[cold]
    fn turn_to(&mut self, name: &'static str) -> bool {
        self.flush();
        let method = self.pace.method(name);
        let line = method.tally().line();
        (self.name, self.method) = (name, Some((method, line)));
        self.left = line.left();
        if self.left == 0 {
            self.left = 1;
            self.began = Some(self.core.world.now());
        }
        self.whole = self.left;
        let is_slow = method.is_slow();
        if is_slow {
            // The next one asks again.
            self.name = "";
        }
        is_slow
    }

    /// The last one before one is timed is done, or the one that is timed.
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
            measure::note(self.core, name, seen);
        }
    }
}

impl Counts for Row<'_> {
    #[inline]
    fn begin(&mut self, name: &'static str, _: &Option<Arc<Pace>>) -> bool {
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
