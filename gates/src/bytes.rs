//! How much heap a server holds that has nothing to do.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ambit::prelude::*;

use crate::heap;
use crate::raw::RawCounter;
use crate::servers::{CAST, Telling, TellingSubject};
use crate::work::Threads;

/// So many at once. With this number a hash table is as full whatever its number of shards, and far from growing.
const SERVERS: usize = 20_000;

/// An engine that lets go of idle tasks has done so when nothing changed for this long.
const STILL: Duration = Duration::from_secs(2);

/// Longer than this nobody waits for memory to be given back.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
    Server,
    StaticChild,
    DynamicChild,
    Process,
    Raw,
}

impl Idle {
    pub(crate) const ALL: [Self; 5] = [
        Self::Server,
        Self::StaticChild,
        Self::DynamicChild,
        Self::Process,
        Self::Raw,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::StaticChild => "static-child",
            Self::DynamicChild => "dynamic-child",
            Self::Process => "process",
            Self::Raw => "raw",
        }
    }
}

/// Starts many on one thread and looks at the heap: then, after each was asked, and after each was told something.
/// What a handle holds on the heap is part of it; the handle itself is a figure of its own.
/// The answer: what had happened before, and bytes per server.
pub(crate) fn measure(idle: Idle) -> Vec<(&'static str, f64)> {
    let runtime = Threads::One.runtime();
    let task = runtime.spawn(async move {
        match idle {
            Idle::Server => servers().await,
            Idle::StaticChild => static_children().await,
            Idle::DynamicChild => dynamic_children().await,
            Idle::Process => processes().await,
            Idle::Raw => raw().await,
        }
    });
    runtime.block_on(task).expect("nothing panics")
}

async fn servers() -> Vec<(&'static str, f64)> {
    let first = Telling::start(0).await;
    let mut subjects = Vec::with_capacity(SERVERS);
    let before = heap::held();
    for _ in 0..SERVERS {
        subjects.push(Telling::start(0).await.expect("it starts"));
    }
    let mut stages = used(before, &subjects).await;
    drop(first);
    stages.push(("handle", size_of::<TellingSubject>() as f64));
    stages
}

async fn static_children() -> Vec<(&'static str, f64)> {
    let parent = Supervisor::builder().start().await.expect("it starts");
    let start = async |id: usize| {
        let spec = Telling::child_spec(0).id(id.to_string());
        parent.start_child(spec).await.expect("it starts")
    };
    let mut subjects = Vec::with_capacity(SERVERS);
    let first = start(SERVERS).await;
    let before = heap::held();
    for id in 0..SERVERS {
        subjects.push(start(id).await);
    }
    let stages = used(before, &subjects).await;
    drop(first);
    stages
}

async fn dynamic_children() -> Vec<(&'static str, f64)> {
    let parent = DynamicSupervisor::builder().start().await;
    let parent = parent.expect("it starts");
    let mut subjects = Vec::with_capacity(SERVERS);
    let first = parent.start_child(Telling::child_spec(0)).await;
    let before = heap::held();
    for _ in 0..SERVERS {
        let started = parent.start_child(Telling::child_spec(0)).await;
        subjects.push(started.expect("it starts"));
    }
    let stages = used(before, &subjects).await;
    drop(first);
    stages
}

/// Asks each and tells each something, and waits for the memory that was only lent to come back.
async fn used(before: usize, subjects: &[TellingSubject]) -> Vec<(&'static str, f64)> {
    let started = heap::held();
    for subject in subjects {
        subject.get().await.expect("it runs");
    }
    let called = heap::held();
    for subject in subjects {
        subject.add(1).await.expect("it runs");
    }
    let idle = until_idle().await;
    stages(
        before,
        &[("started", started), ("called", called), ("idle", idle)],
    )
}

async fn processes() -> Vec<(&'static str, f64)> {
    let first = listening();
    let mut subjects = Vec::with_capacity(SERVERS);
    let before = heap::held();
    for _ in 0..SERVERS {
        subjects.push(listening());
    }
    // A process takes its first turn after its start has returned.
    tokio::task::yield_now().await;
    let started = heap::held();
    for subject in &subjects {
        subject.send(1).await.expect("it runs");
    }
    let idle = until_idle().await;
    drop(first);
    stages(before, &[("started", started), ("idle", idle)])
}

fn listening() -> Subject<u64> {
    ambit::spawn(|mut inbox: Inbox<u64>| async move {
        while inbox.recv().await.is_some() {
            CAST.fetch_add(1, Ordering::Relaxed);
        }
    })
}

async fn raw() -> Vec<(&'static str, f64)> {
    let first = RawCounter::start();
    let mut counters = Vec::with_capacity(SERVERS);
    let before = heap::held();
    for _ in 0..SERVERS {
        counters.push(RawCounter::start());
    }
    let started = heap::held();
    for counter in &counters {
        counter.get().await;
    }
    let called = heap::held();
    first.stop().await;
    stages(
        before,
        &[("started", started), ("called", called), ("idle", called)],
    )
}

/// Waits until all casts are handled and then as long as the heap shrinks.
async fn until_idle() -> usize {
    let began = Instant::now();
    let (mut lowest, mut since) = (heap::held(), began);
    while since.elapsed() < STILL && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let held = heap::held();
        if held < lowest || CAST.load(Ordering::Relaxed) < SERVERS {
            (lowest, since) = (held, Instant::now());
        }
    }
    let handled = CAST.load(Ordering::Relaxed);
    assert_eq!(handled, SERVERS, "not all casts were handled");
    heap::held()
}

fn stages(before: usize, held: &[(&'static str, usize)]) -> Vec<(&'static str, f64)> {
    let each = |held: usize| (held as f64 - before as f64) / SERVERS as f64;
    held.iter()
        .map(|&(stage, held)| (stage, each(held)))
        .collect()
}
