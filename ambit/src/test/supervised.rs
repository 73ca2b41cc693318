//! Supervision in tests: children that end with the test, waiting for restarts, comparison of trees.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::CallError;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::names::wait::NotifyAll;
use crate::pid::Pid;
use crate::process::cell::ProcessCell;
use crate::process::clock::within;
use crate::process::header::ProcessRef;
use crate::process::route;
use crate::process::system_inner::SystemInner;
use crate::process::telemetry::Event;
use crate::server::startable::Startable;
use crate::supervisor::admin::{Admin, Request, SupervisorItem};
use crate::supervisor::handle::Supervisor;
use crate::supervisor::policy::ChildState;
use crate::supervisor::spec::ChildSpec;
use crate::system::System;

/// The time limit of a restart, on the clock of the test.
const PATIENCE: Duration = Duration::from_secs(5);

/// The owner of the children that a test has started under supervision.
#[derive(Default)]
struct TestOwner(Mutex<Option<Supervisor>>);

/// Starts a child under the supervisor of the test, and returns its handle. The supervisor restarts the child when it
/// crashes, and stops all its children at the end of the test, in reverse start order. (Elixir: `start_supervised!/1`
/// of ExUnit.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::{assert_restarted, crash, expect_crash, start_supervised};
/// struct Cache(u8);
/// #[gen_server]
/// impl Cache { #[call] fn get(&self) -> u8 { self.0 } }
/// #[ambit::test]
/// async fn a_cache_comes_back() {
///     let cache = start_supervised(ChildSpec::from_fn(|| Cache(7).start())).await;
///     expect_crash(&cache);
///     assert_restarted!(cache, crash(&cache).await);
///     assert_eq!(cache.get().await, Ok(7));
/// }
/// # fn main() {}
/// ```
///
/// # Cancel safety
/// Dropping the future before the first poll starts nothing. Dropping it later may leave the child unstarted; a start
/// that is in progress continues under the supervisor of the test.
///
/// # Panics
/// Panics if the child fails to start, or its id is already taken.
pub async fn start_supervised<C: Startable>(spec: ChildSpec<C>) -> C::Handle {
    let supervisor = of_test().await;
    let id = spec.own_id();
    match supervisor.start_child(spec).await {
        Ok(handle) => handle,
        Err(error) => panic!("`{id}` was not started: {error}"),
    }
}

/// Stops the child `id` that [`start_supervised`] started, and deletes its spec from the supervisor of the test.
/// (Elixir: `stop_supervised!/1` of ExUnit.)
///
/// # Cancel safety
/// Dropping the future before the first poll does nothing. Dropping it while the child stops does not cancel the stop,
/// but the id may remain taken.
///
/// # Panics
/// Panics if no child has this id, or if the child does not end even when it is killed.
pub async fn stop_supervised(id: &str) {
    let supervisor = of_test().await;
    if let Err(error) = supervisor.terminate_child(id).await {
        panic!("`{id}` was not stopped: {error}");
    }
    // A temporary child has been deleted already.
    supervisor.delete_child(id).await.ok();
}

/// Drops the handle to the supervisor of a test, which holds the system.
pub(super) fn forget_owner(system: &SystemInner) {
    let supervisor = system.extension::<TestOwner>().0.lock().take();
    drop(supervisor);
}

async fn of_test() -> Supervisor {
    let system = System::current().unwrap_or_else(|error| panic!("{error}"));
    let kept = system.inner.extension::<TestOwner>();
    if let Some(supervisor) = kept.0.lock().clone() {
        return supervisor;
    }
    let builder = Supervisor::builder().restarts(1_000_000, Duration::from_secs(1));
    let started = builder.start().await;
    let supervisor = started.unwrap_or_else(|error| panic!("{error}"));
    kept.0.lock().get_or_insert(supervisor).clone()
}

/// Waits until `child`, a handle that follows its child through restarts, refers to a running process other than `old`,
/// and returns the pid of that process.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// # Panics
/// Panics if the child was not restarted within 5 s on the clock of the test, or if there is no current system outside
/// a tokio runtime.
pub async fn await_restart(child: impl Target, old: Pid) -> Pid {
    let system = System::current().unwrap_or_else(|error| panic!("{error}"));
    let notify = NotifyAll::default();
    let rings = notify.clone();
    let _listening = system.on_event(move |event| {
        if let Event::Restarted { .. } = event {
            rings.notify();
        }
    });
    let mut restarted = pin!(async {
        loop {
            // It registers before it checks: a restart between the two is not missed.
            let notified = notify.notified();
            let now = child.__resolve();
            if let Some(process) = now.alive()
                && process.core().pid != old
            {
                return process.core().pid;
            }
            notified.await;
        }
    });
    let pid = within(&system.inner, PATIENCE, |cx| restarted.as_mut().poll(cx)).await;
    pid.unwrap_or_else(|| panic!("{old} was not restarted within {PATIENCE:?}"))
}

/// Returns the tree below a supervisor as text, in the format that [`assert_tree!`] compares: one child per line,
/// indented below its supervisor.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// # Panics
/// Panics if `supervisor` does not exist, has ended, or is not a supervisor, or if it or a supervisor below it does not
/// answer within 5 s.
pub async fn tree_of(supervisor: impl Target) -> String {
    let mut text = String::new();
    let root = supervisor.__resolve().process;
    let root = root.unwrap_or_else(|| panic!("there is no such supervisor"));
    let mut rest = match lines_below(&root, 0).await {
        Below::Children(lines) => lines,
        Below::NoSupervisor => panic!("{} is no supervisor", root.core().pid),
        Below::Ended => panic!("{} has ended", root.core().pid),
    };
    while let Some((line, depth, process)) = rest.pop() {
        text.push_str(&"  ".repeat(depth));
        text.push_str(&line);
        text.push('\n');
        if let Some(process) = process
            && let Below::Children(lines) = lines_below(&process, depth + 1).await
        {
            rest.extend(lines);
        }
    }
    text
}

/// A line: its text, its depth, and its process.
type Line = (String, usize, Option<ProcessRef>);

/// The processes below another one.
enum Below {
    /// The children of a supervisor, the last one first.
    Children(Vec<Line>),
    NoSupervisor,
    Ended,
}

async fn lines_below(process: &ProcessRef, depth: usize) -> Below {
    let cell = process.clone().as_any().downcast();
    let Ok(cell) = cell else {
        return Below::NoSupervisor;
    };
    let cell: Arc<ProcessCell<SupervisorItem>> = cell;
    let subject = Subject::<Admin>::fixed(cell);
    let children = match subject.call(Request::Which).await {
        Ok(children) => children,
        Err(CallError::NoProcess | CallError::Exited { .. }) => return Below::Ended,
        Err(error) => panic!(
            "the supervisor {} did not answer: {error}",
            process.core().pid
        ),
    };
    let line = |child: crate::ChildInfo| match child.state {
        ChildState::Running(pid) => (child.id, depth, route::find(pid)),
        ChildState::Restarting => (format!("{} (restarting)", child.id), depth, None),
        ChildState::Stopped => (format!("{} (stopped)", child.id), depth, None),
    };
    Below::Children(children.into_iter().rev().map(line).collect())
}

/// Returns the text of an expected tree, without its indentation in the source.
#[doc(hidden)]
#[must_use]
pub fn expected_tree(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().map(indent).min().unwrap_or_default();
    lines
        .iter()
        .map(|line| format!("{}\n", line[common..].trim_end()))
        .collect()
}

/// Asserts that the tree below a supervisor equals a text. The text has one line with the id of each child, indented by
/// two spaces more than its supervisor, and followed by `(stopped)` or `(restarting)` if the child does not run. Blank
/// lines and the common indentation are ignored.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::assert_tree;
/// #[ambit::test]
/// async fn a_tree_has_a_shape() {
///     let rooms = ChildSpec::from_fn(|| {
///         Supervisor::builder().child(ChildSpec::task("lobby", std::future::pending::<()>)).start()
///     });
///     let once = ChildSpec::task("once", || async {}).restart(Restart::Transient);
///     let app = Supervisor::builder().child(rooms.id("rooms")).child(once).start().await.unwrap();
///     ambit::test::settle().await;
///     assert_tree!(app, "
///         rooms
///           lobby
///         once (stopped)
///     ");
/// }
/// # fn main() {}
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __assert_tree {
    ($supervisor:expr, $expected:expr $(,)?) => {{
        let found = $crate::test::tree_of(&$supervisor).await;
        let expected = $crate::test::expected_tree($expected);
        ::core::assert!(
            found == expected,
            "the tree is\n{found}\nand should be\n{expected}"
        );
    }};
}

/// Runs an action, asserts that it makes the supervisor restart a child within 5 s, and returns the new pid. The first
/// argument is a handle that follows the child through restarts, the second is the action.
///
/// See [`start_supervised`](crate::test::start_supervised) for an example.
#[macro_export]
#[doc(hidden)]
macro_rules! __assert_restarted {
    ($child:expr, $cause:expr $(,)?) => {{
        let old = $child.pid();
        $cause;
        $crate::test::await_restart(&$child, old).await
    }};
}

pub use crate::__assert_restarted as assert_restarted;
pub use crate::__assert_tree as assert_tree;
