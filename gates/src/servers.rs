//! The measured servers: counters, because the handler itself must cost nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use ambit::prelude::*;

/// The number of casts that all counters have handled.
pub(crate) static CAST: AtomicUsize = AtomicUsize::new(0);

/// A counter with one call and one cast.
pub(crate) struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[init]
    pub(crate) fn init(value: u64) -> Self {
        Self { value }
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[cast]
    pub(crate) fn add(&mut self, by: u64) {
        self.value += by;
    }
}

/// The same counter, called only through its queue.
pub(crate) struct Queued {
    value: u64,
}

#[gen_server(in_place = never)]
impl Queued {
    #[init]
    pub(crate) fn init(value: u64) -> Self {
        Self { value }
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }
}

/// The same counter, which also counts the casts that it has handled.
pub(crate) struct Telling {
    value: u64,
}

#[gen_server]
impl Telling {
    #[init]
    pub(crate) fn init(value: u64) -> Self {
        Self { value }
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[cast]
    pub(crate) fn add(&mut self, by: u64) {
        self.value += by;
        CAST.fetch_add(1, Ordering::Relaxed);
    }
}

/// A supervisor of one counter.
pub(crate) struct App;

#[supervisor]
impl App {
    #[child]
    pub(crate) fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(0)
    }
}
