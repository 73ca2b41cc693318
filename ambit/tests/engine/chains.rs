//! Ends that cause ends, 100,000 in a row: stack use stays constant for links, monitors and ownership.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Owned;
use ambit::system::System;
use tokio::runtime::{Builder, Runtime};

use crate::support::process::within;

/// Fewer under ThreadSanitizer, where each takes many times as long.
const LENGTH: usize = if cfg!(ambit_tsan) { 5_000 } else { 100_000 };
/// The default stack size of a thread.
const STACK: usize = 2 << 20;
/// So many ends take seconds of processor time, and minutes on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// The relation of a server to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tie {
    Link,
    /// It stops when the other has ended.
    Monitor,
    /// The state of the other owns it: it ends when that state is dropped.
    Own,
}

/// The number of dropped states, and how often the exit of each process was reported.
#[derive(Default)]
struct Count {
    dropped: AtomicUsize,
    exits: Mutex<BTreeMap<Pid, usize>>,
}

struct Member {
    count: Arc<Count>,
    /// Panics when it is dropped.
    fragile: bool,
    owned: Vec<Owned<MemberSubject>>,
}

impl Drop for Member {
    fn drop(&mut self) {
        self.count.dropped.fetch_add(1, Ordering::Relaxed);
        assert!(!self.fragile, "a state that cannot be dropped in peace");
    }
}

#[gen_server]
impl Member {
    #[init]
    fn init(ctx: &mut Context<Self>, count: Arc<Count>, tie: Option<(Tie, MemberSubject)>) -> Self {
        match &tie {
            Some((Tie::Link, other)) => ctx.link(other).unwrap(),
            Some((Tie::Monitor, other)) => drop(ctx.monitor(other)),
            Some((Tie::Own, _)) | None => {}
        }
        Self {
            count,
            fragile: false,
            owned: Vec::new(),
        }
    }

    #[call]
    fn own(&mut self, other: Owned<MemberSubject>) {
        self.owned.push(other);
    }

    #[call]
    fn break_apart(&mut self) {
        self.fragile = true;
    }

    #[info]
    fn on_down(&mut self, ctx: &mut Context<Self>, _: Down) {
        ctx.stop(ExitReason::Shutdown);
    }
}

/// Starts `length` servers, each tied to the one that `shape` selects; returns the first and the last.
async fn grow(
    count: &Arc<Count>,
    length: usize,
    shape: fn(usize) -> (Tie, usize),
) -> (MemberSubject, MemberSubject) {
    let mut all: Vec<MemberSubject> = Vec::with_capacity(length);
    for n in 0..length {
        let (tie, other) = shape(n);
        let tie = all.get(other).cloned().map(|other| (tie, other));
        let next = Member::start(count.clone(), tie.clone()).owned().await;
        let next = next.unwrap();
        all.push((*next).clone());
        match tie {
            Some((Tie::Own, owner)) => owner.own(next).await.unwrap(),
            // It continues without an owner.
            _ => std::mem::forget(next),
        }
    }
    (all[0].clone(), all[length - 1].clone())
}

fn chain(tie: Tie) -> fn(usize) -> (Tie, usize) {
    match tie {
        Tie::Link => |n| (Tie::Link, n.wrapping_sub(1)),
        Tie::Monitor => |n| (Tie::Monitor, n.wrapping_sub(1)),
        Tie::Own => |n| (Tie::Own, n.wrapping_sub(1)),
    }
}

/// Ties every server to the one at a tenth of its number.
fn tree(n: usize) -> (Tie, usize) {
    let tie = [Tie::Link, Tie::Monitor][n % 2];
    (tie, n.wrapping_sub(1) / 10)
}

/// Ties every server to the first one.
fn star(n: usize) -> (Tie, usize) {
    let tie = [Tie::Link, Tie::Monitor][n % 2];
    (tie, if n == 0 { usize::MAX } else { 0 })
}

fn mixed(n: usize) -> (Tie, usize) {
    let tie = [Tie::Link, Tie::Own, Tie::Monitor, Tie::Link][n % 4];
    (tie, n.wrapping_sub(1))
}

/// Creates a system that counts the exits in it.
fn watched(runtime: &Runtime, count: &Arc<Count>) -> System {
    let _inside = runtime.enter();
    let system = System::builder().quiet_panics(true).build().unwrap();
    let seen = count.clone();
    let guard = system.on_event(move |event| {
        if let ambit::telemetry::Event::Exited { pid, .. } = event {
            *seen.exits.lock().unwrap().entry(*pid).or_default() += 1;
        }
    });
    std::mem::forget(guard);
    std::mem::forget(system.enter());
    system
}

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs `test` on a thread with the default stack size.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(test);
    thread.unwrap().join().unwrap();
}

/// Asserts that every server has ended once, and that its state has been dropped.
fn assert_all_ended(count: &Count, length: usize) {
    assert_eq!(count.dropped.load(Ordering::Relaxed), length);
    let exits = count.exits.lock().unwrap();
    assert_eq!(exits.len(), length);
    assert!(exits.values().all(|times| *times == 1), "each ends once");
}

/// Waits until the exit of every server is reported. `process_count` would look at all processes each time.
async fn all_have_ended(count: &Count, length: usize) {
    while count.exits.lock().unwrap().len() < length {
        tokio::task::yield_now().await;
    }
}

/// Drops the runtime while the servers are running.
fn ends_with_the_runtime(runtime: Runtime, length: usize, shape: fn(usize) -> (Tie, usize)) {
    let count = Arc::new(Count::default());
    let system = watched(&runtime, &count);
    let (first, last) = runtime.block_on(grow(&count, length, shape));
    drop(runtime);
    assert!(!first.is_alive() && !last.is_alive());
    assert_eq!(system.process_count(), 0);
    assert_all_ended(&count, length);
}

/// Kills the first server, and expects all others to follow.
fn ends_by_one_kill(length: usize, shape: fn(usize) -> (Tie, usize)) {
    let (count, runtime) = (Arc::new(Count::default()), single());
    let system = watched(&runtime, &count);
    runtime.block_on(async {
        let (first, _) = grow(&count, length, shape).await;
        ambit::exit(&first, ExitReason::Kill);
        within(LIMIT, all_have_ended(&count, length)).await;
    });
    assert_eq!(system.process_count(), 0);
    assert_all_ended(&count, length);
}

#[test]
fn a_chain_of_links_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, chain(Tie::Link)));
}

#[test]
fn a_chain_of_monitors_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, chain(Tie::Monitor)));
}

#[test]
fn a_chain_of_owned_servers_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, chain(Tie::Own)));
}

#[test]
fn a_tree_of_links_and_monitors_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, tree));
}

#[test]
fn a_mixed_chain_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, mixed));
}

#[test]
fn a_mixed_chain_ends_with_a_runtime_of_several_threads() {
    let threads = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .unwrap();
    on_a_small_stack(|| ends_with_the_runtime(threads, LENGTH, mixed));
}

#[test]
fn one_kill_ends_a_chain_of_links() {
    on_a_small_stack(|| ends_by_one_kill(LENGTH, chain(Tie::Link)));
}

#[test]
fn one_kill_ends_a_mixed_chain() {
    on_a_small_stack(|| ends_by_one_kill(LENGTH, mixed));
}

#[test]
fn one_kill_ends_a_chain_of_monitors() {
    on_a_small_stack(|| ends_by_one_kill(LENGTH, chain(Tie::Monitor)));
}

#[test]
fn one_kill_ends_a_tree() {
    on_a_small_stack(|| ends_by_one_kill(LENGTH, tree));
}

#[test]
fn one_kill_ends_a_star() {
    on_a_small_stack(|| ends_by_one_kill(LENGTH, star));
}

#[test]
fn a_star_ends_with_its_runtime() {
    on_a_small_stack(|| ends_with_the_runtime(single(), LENGTH, star));
}

/// Starts supervisors, each the child of the one before; returns the first.
async fn nest(levels: usize) -> DynamicSupervisor {
    let supervisor = || DynamicSupervisor::builder().restarts(0, Duration::from_secs(1));
    let first = supervisor().start().await.unwrap();
    let mut last = first.clone();
    for _ in 1..levels {
        let child = last.start_child(supervisor().child_spec());
        last = child.timeout(LIMIT).await.unwrap();
    }
    first
}

/// Ends nested supervisors on a small stack, and drops all handles.
fn supervisors_end(levels: usize, end: fn(Runtime, &System, &Count, &DynamicSupervisor)) {
    on_a_small_stack(move || {
        let (count, runtime) = (Arc::new(Count::default()), single());
        let system = watched(&runtime, &count);
        let first = runtime.block_on(nest(levels));
        end(runtime, &system, &count, &first);
        assert!(!first.is_alive());
        assert_eq!(system.process_count(), 0);
        let exits = count.exits.lock().unwrap();
        assert_eq!(exits.len(), levels);
        assert!(exits.values().all(|times| *times == 1), "each ends once");
    });
}

/// Fewer than servers in a chain: the start of each takes longer.
const LEVELS: usize = LENGTH / 10;

#[test]
fn nested_supervisors_end_with_their_runtime() {
    supervisors_end(LEVELS, |runtime, _, _, _| drop(runtime));
}

#[test]
fn nested_supervisors_end_with_their_system() {
    supervisors_end(LEVELS, |runtime, system, _, _| {
        let stuck = runtime.block_on(system.stop(LIMIT));
        assert!(stuck.is_empty(), "{stuck:?}");
    });
}

#[test]
fn one_kill_ends_nested_supervisors() {
    supervisors_end(LEVELS, |runtime, _, count, first| {
        ambit::exit(first, ExitReason::Kill);
        runtime.block_on(within(LIMIT, all_have_ended(count, LEVELS)));
    });
}

#[test]
fn states_with_a_panicking_drop_do_not_prevent_other_exits() {
    let length = 1_000;
    on_a_small_stack(move || {
        let (count, runtime) = (Arc::new(Count::default()), single());
        watched(&runtime, &count);
        runtime.block_on(async {
            let mut before: Option<MemberSubject> = None;
            for _ in 0..length {
                let tie = before.take().map(|other| (Tie::Link, other));
                let next = Member::start(count.clone(), tie).await.unwrap();
                next.break_apart().await.unwrap();
                before = Some(next);
            }
        });
        drop(runtime);
        assert_all_ended(&count, length);
    });
}
