//! The resources that a system holds: for tests that nothing leaks.

use crate::engine::reply::count;
use crate::names::local;
use crate::process::current_system;
use crate::process::header::AnyProcess;
use crate::process::system_inner::SystemInner;

/// The resources that a system holds, from [`holdings`], which has an example. Compare two values to test that nothing
/// leaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holdings {
    /// The number of processes in the process table, including those that are about to leave it.
    pub processes: usize,
    /// The number of links, monitors on either side, timers, `spawn_task` futures and exit hooks of those processes,
    /// and of futures that wait for the end of a process. A process has one exit hook for the local names and one per
    /// registry in which it is registered.
    pub relations: usize,
    /// The number of armed deadlines of calls, timers and other waits.
    pub deadlines: usize,
    /// The number of registered local names.
    pub names: usize,
    /// The number of unfinished `spawn_task` futures.
    pub tasks: usize,
    /// The number of processes that wait for the reply of another process.
    pub waits: usize,
}

/// Returns the resources that the current system holds now; all zero if there is no current system.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::holdings;
/// #[ambit::test]
/// async fn a_cancelled_timer_is_gone(inbox: Inbox<u8>) {
///     let before = holdings();
///     let timer = ambit::kill_after(Duration::from_secs(60), inbox.pid());
///     assert_eq!(holdings().deadlines, before.deadlines + 1);
///     timer.cancel();
///     assert_eq!(holdings(), before);
/// }
/// # use std::time::Duration;
/// # fn main() {}
/// ```
#[must_use]
pub fn holdings() -> Holdings {
    let Some(system) = current_system::current() else {
        return Holdings::default();
    };
    let all = system.table.all();
    Holdings {
        processes: all.len(),
        relations: all.iter().map(|process| relations(&**process)).sum(),
        // Another thread may arm the system's own timer between the two looks.
        deadlines: system
            .wheel
            .armed()
            .saturating_sub(usize::from(system.rest.is_armed())),
        names: local::count(&system),
        tasks: system.tasks.running(),
        waits: system.wait_graph.all(&system.table).len(),
    }
}

/// Returns the number of open calls in all systems of the program. A call is open from when it is sent until its caller
/// has read the reply or stopped waiting.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::open_questions;
/// # struct Adder(u64);
/// # #[gen_server]
/// # impl Adder { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let adder = Adder(1).start().await.unwrap();
///     assert_eq!(adder.add(2).await, Ok(3));
///     assert_eq!(open_questions(), 0);
///     let pending = adder.add(2).send();
///     assert_eq!(open_questions(), 1);
///     drop(pending);
///     assert_eq!(open_questions(), 0);
/// }
/// ```
#[must_use]
pub fn open_questions() -> usize {
    count::open()
}

fn relations(process: &dyn AnyProcess) -> usize {
    let relations = process.core().relations.lock();
    let both = relations.links().count() + relations.monitors.len() + relations.watchers.len();
    let own = relations.timers.len() + relations.tasks.len() + relations.on_exit.len();
    both + own + relations.observers()
}

/// Returns the resources that a system still holds after its runtime has ended, by name; empty if everything was
/// released.
pub(crate) fn left_behind(system: &SystemInner) -> Vec<String> {
    let mut left = Vec::new();
    let mut count = |number: usize, what: &str| {
        if number > 0 {
            left.push(format!("{number} {what}"));
        }
    };
    count(system.tasks.running(), "futures of `spawn_task`");
    count(local::count(system), "local names");
    count(system.wait_graph.edges(), "edges of the wait graph");
    count(system.wait_graph.checks(), "checks in the wait graph");
    count(
        system.relations_by_node.len(),
        "entries of the index of nodes",
    );
    for process in system.table.all() {
        count(
            1,
            &format!(
                "process {}{}",
                process.core().type_name(),
                process.core().pid
            ),
        );
        count(
            relations(&*process),
            "of its links, monitors, timers and observers",
        );
    }
    left
}
