//! The operations whose allocations and instructions are counted, one after another.

use std::str::FromStr;

use tokio::runtime::{Builder, Runtime};

use crate::heap;
use crate::raw::RawCounter;
use crate::servers::{App, Counter, CounterSubject, Queued};

/// The number of warm-up operations, which grow queues and fill pools. A multiple of [`ROW`].
const WARM_UP: u64 = 1_920;

/// The number of casts before a call that waits until all of them are handled. The call is part of their cost.
const ROW: u64 = 64;

/// The repeated operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Call,
    QueuedCall,
    SupervisedCall,
    NamedCall,
    Cast,
    CastAfterCall,
    MeasuredCall,
    MeasuredCast,
    SpawnStop,
    RawCall,
    RawCast,
    RawSpawnStop,
}

impl Work {
    pub(crate) const ALL: [Self; 12] = [
        Self::Call,
        Self::QueuedCall,
        Self::SupervisedCall,
        Self::NamedCall,
        Self::Cast,
        Self::CastAfterCall,
        Self::MeasuredCall,
        Self::MeasuredCast,
        Self::SpawnStop,
        Self::RawCall,
        Self::RawCast,
        Self::RawSpawnStop,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::QueuedCall => "queued-call",
            Self::SupervisedCall => "supervised-call",
            Self::NamedCall => "named-call",
            Self::Cast => "cast",
            Self::CastAfterCall => "cast-after-call",
            Self::MeasuredCall => "measured-call",
            Self::MeasuredCast => "measured-cast",
            Self::SpawnStop => "spawn-stop",
            Self::RawCall => "raw-call",
            Self::RawCast => "raw-cast",
            Self::RawSpawnStop => "raw-spawn-stop",
        }
    }

    /// Returns the same operation without a framework.
    pub(crate) fn raw(self) -> Self {
        match self {
            Self::Cast | Self::CastAfterCall | Self::MeasuredCast | Self::RawCast => Self::RawCast,
            Self::SpawnStop | Self::RawSpawnStop => Self::RawSpawnStop,
            _ => Self::RawCall,
        }
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|work| work.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{name}` is not one of {names}")
        })
    }
}

/// The runtime of the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    Two,
}

impl Threads {
    pub(crate) const ALL: [Self; 2] = [Self::One, Self::Two];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "one-thread",
            Self::Two => "two-workers",
        }
    }

    pub(crate) fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::One => Builder::new_current_thread(),
            Self::Two => Builder::new_multi_thread(),
        };
        let builder = builder.worker_threads(2).enable_time();
        builder.build().expect("a runtime can be built")
    }
}

/// The result of a run.
pub(crate) struct Done {
    /// The number of allocations per operation.
    pub(crate) allocations: f64,
}

/// The function that a profile covers: callgrind counts nothing outside it.
pub(crate) const MEASURED: &str = "gates::work::measured";

/// Returns the number of operations including the warm-up.
pub(crate) fn with_warm_up(count: u64) -> u64 {
    WARM_UP + count
}

/// Performs `count` operations after the warm-up, in a task.
pub(crate) fn run(work: Work, threads: Threads, count: u64) -> Done {
    let runtime = threads.runtime();
    measured(&runtime, work, count)
}

/// The function that [`MEASURED`] names.
#[inline(never)]
fn measured(runtime: &Runtime, work: Work, count: u64) -> Done {
    let task = runtime.spawn(operate(work, count));
    runtime.block_on(task).expect("the work does not panic")
}

/// Performs `each` operations per turn: some turns to warm up, and then enough for `count` operations.
///
/// A macro, because the compiler cannot see that the future of an async closure may go to another thread.
macro_rules! repeat {
    ($count:expr, $each:expr, $turn:block) => {{
        let (warm_up, turns) = (WARM_UP.div_ceil($each), $count.div_ceil($each));
        for _ in 0..warm_up $turn
        let before = heap::requests();
        for _ in 0..turns $turn
        let asked = heap::requests() - before;
        Done {
            allocations: asked as f64 / (turns * $each) as f64,
        }
    }};
}

async fn operate(work: Work, count: u64) -> Done {
    match work {
        Work::Call => calls(count, &counter().await).await,
        Work::QueuedCall => queued_calls(count).await,
        Work::SupervisedCall => {
            let app = App.start().await.expect("it starts");
            calls(count, &app.counter()).await
        }
        Work::NamedCall => {
            let started = Counter::start(0).name("counter").await;
            started.expect("the name is free");
            calls(count, &CounterSubject::named("counter")).await
        }
        Work::Cast => casts(count, &counter().await).await,
        Work::CastAfterCall => {
            let counter = counter().await;
            // This call runs inline, unlike a call to a busy server.
            counter.get().await.expect("it runs");
            casts(count, &counter).await
        }
        Work::MeasuredCall => {
            let _measuring = ambit::inspect::measure().expect("there is a runtime");
            calls(count, &counter().await).await
        }
        Work::MeasuredCast => {
            let _measuring = ambit::inspect::measure().expect("there is a runtime");
            casts(count, &counter().await).await
        }
        Work::SpawnStop => repeat!(count, 1, {
            counter().await.stop().await.expect("it stops");
        }),
        Work::RawCall => raw_calls(count).await,
        Work::RawCast => raw_casts(count).await,
        Work::RawSpawnStop => repeat!(count, 1, {
            RawCounter::start().stop().await;
        }),
    }
}

async fn counter() -> CounterSubject {
    Counter::start(0).await.expect("it starts")
}

async fn calls(count: u64, counter: &CounterSubject) -> Done {
    repeat!(count, 1, {
        counter.get().await.expect("it runs");
    })
}

async fn queued_calls(count: u64) -> Done {
    let counter = Queued::start(0).await.expect("it starts");
    repeat!(count, 1, {
        counter.get().await.expect("it runs");
    })
}

async fn casts(count: u64, counter: &CounterSubject) -> Done {
    repeat!(count, ROW, {
        for by in 0..ROW {
            counter.add(by).await.expect("it runs");
        }
        counter.get().await.expect("it runs");
    })
}

async fn raw_calls(count: u64) -> Done {
    let counter = RawCounter::start();
    repeat!(count, 1, {
        counter.get().await;
    })
}

async fn raw_casts(count: u64) -> Done {
    let counter = RawCounter::start();
    repeat!(count, ROW, {
        for by in 0..ROW {
            counter.add(by);
        }
        counter.get().await;
    })
}
