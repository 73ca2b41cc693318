//! The heap memory of an idle server.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ambit::prelude::*;

use crate::heap;
use crate::raw::RawCounter;
use crate::servers::{CAST, Telling, TellingSubject};
use crate::work::Threads;

/// The number of servers. With this number a hash table has the same load for every number of shards, and is far from
/// growing.
const SERVERS: usize = 20_000;

/// An engine that releases idle tasks has done so after this time without a change.
const STILL: Duration = Duration::from_secs(2);

/// The maximum wait for memory to be released.
const PATIENCE: Duration = Duration::from_secs(20);

/// The kind of process that is measured.
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

/// Starts many servers on one thread and measures the heap: after the starts, after a call to each, and after a cast to
/// each. The heap memory of a handle is included; the size of the handle itself is a separate figure. Returns the
/// stages, and the bytes per server in each.
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

/// Calls each server, casts to each, and waits until temporary memory has been released.
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
    // A process runs for the first time after `spawn` has returned.
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

/// Waits until all casts are handled, and then as long as the heap shrinks.
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
