//! The polls in which the handlers of a server wait: they decide whether a recorded wait blocks the server.
//!
//! A wait that is polled with the waker of the server's own task blocks the server as long as each poll of its handler
//! polls it again. A future that was polled once and then stored no longer counts after the next poll, or after the end
//! of the handler. A wait with another waker belongs to a set such as `FuturesUnordered`, which polls only woken
//! futures: it counts until it is dropped, polled elsewhere, or the handler ends.
//!
//! Only the polls of servers are counted: no call waits for a plain process, and the starts that a supervisor waits for
//! are a set. The waits of both count until they end.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::ptr;
use std::sync::atomic::Ordering;
use std::task::{Context, RawWakerVTable, Waker};

use crate::engine::wake_list;
use crate::process::checked_poll::CheckedPoll;
use crate::process::header::ProcessHeader;

/// The identity of a waker.
type Known = (*const (), *const RawWakerVTable);

#[inline]
fn known(waker: &Waker) -> Known {
    (waker.data(), ptr::from_ref(waker.vtable()))
}

/// The code that runs on this thread.
#[derive(Clone, Copy)]
struct ThreadState {
    /// Its process; used only for comparison, while the process exists.
    core: *const ProcessHeader,
    waker: Known,
    /// The number of its poll; `None` if no wait in it blocks its process.
    number: Option<NonZeroU32>,
}

thread_local! {
    static NOW: Cell<ThreadState> = const {
        Cell::new(ThreadState {
            core: ptr::null(),
            waker: (ptr::null(), ptr::null()),
            number: None,
        })
    };
}

/// A poll of a process's code in which it may wait.
#[derive(Clone, Copy)]
pub(crate) struct PollScope {
    /// 0 where polls are not counted.
    pub(crate) number: u32,
    /// True if the next poll must poll the wait again while the process still waits.
    pub(crate) is_renewed: bool,
}

impl PollScope {
    /// Returns true if the wait is in a set, which polls only what was woken.
    pub(crate) fn is_apart(self) -> bool {
        !self.is_renewed && self.number != 0
    }
}

/// Returns the poll in which the process on this thread waits with `waker`; `None` if it cannot wait in it.
pub(crate) fn current(core: &ProcessHeader, waker: &Waker) -> Option<PollScope> {
    let now = NOW.get();
    if !ptr::eq(now.core, core) {
        // A synchronous handler cannot wait.
        let number = (!core.is_server()).then_some(0)?;
        return Some(PollScope {
            number,
            is_renewed: false,
        });
    }
    let (number, is_renewed) = (now.number?.get(), now.waker == known(waker));
    if !is_renewed {
        core.polls.mark_apart();
    }
    Some(PollScope { number, is_renewed })
}

/// Polls a handler, or the code of another process. It must not unwind.
#[inline]
pub(crate) fn poll<T>(
    core: &ProcessHeader,
    task: &Waker,
    code: impl FnOnce(&mut Context<'_>) -> T,
) -> T {
    if !core.is_server() {
        return code(&mut Context::from_waker(task));
    }
    let number = NonZeroU32::new(core.polls.count());
    let is_checked = core.is_checked.load(Ordering::Relaxed);
    let checked = is_checked.then(|| CheckedPoll::begin(task));
    let waker = checked.as_ref().map_or(task, |checked| &checked.waker);
    let code = || code(&mut Context::from_waker(waker));
    let (outcome, last) = run(core, number, known(waker), code);
    if last != number || core.is_checked.load(Ordering::Relaxed) || checked.is_some() {
        polled(core, task, last == number, checked);
    }
    outcome
}

/// Handles the end of a poll of a process that others check, or that has begun again.
#[cold]
fn polled(core: &ProcessHeader, task: &Waker, is_one: bool, checked: Option<CheckedPoll>) {
    let others = match checked {
        Some(checked) => Some(checked.end()),
        // A check that began in this poll is decided in it only if the poll has begun again.
        None => (!is_one).then_some(false),
    };
    if !is_one {
        // The waits that were polled before the thread was blocked are polled again.
        wake_list::wake_by_ref(task);
    }
    if core.is_checked.load(Ordering::Relaxed) {
        let (graph, table) = (&core.system.wait_graph, &core.system.table);
        graph.polled(table, &core.is_checked, core.pid, task, others);
    }
}

/// Polls code that does not block the process: no wait in it counts.
pub(crate) fn aside<T>(core: &ProcessHeader, code: impl FnOnce() -> T) -> T {
    run(core, None, known(Waker::noop()), code).0
}

/// Ends the poll of the current process on this thread for its checks, and begins another one in it; returns the
/// number. `None` if no check is left.
#[cold]
pub(crate) fn begin_again(core: &ProcessHeader, waker: &Waker) -> Option<u32> {
    let (graph, table) = (&core.system.wait_graph, &core.system.table);
    graph.polled(table, &core.is_checked, core.pid, waker, Some(false));
    if !core.is_checked.load(Ordering::Relaxed) {
        return None;
    }
    let number = NonZeroU32::new(core.polls.count());
    // After the last number comes 0, which is none.
    let number = number.or_else(|| NonZeroU32::new(core.polls.count()));
    NOW.set(ThreadState {
        number,
        ..NOW.get()
    });
    number.map(NonZeroU32::get)
}

/// Returns the outcome, and the number of the poll at its end.
#[inline]
fn run<T>(
    core: &ProcessHeader,
    number: Option<NonZeroU32>,
    waker: Known,
    code: impl FnOnce() -> T,
) -> (T, Option<NonZeroU32>) {
    let before = NOW.replace(ThreadState {
        core,
        waker,
        number,
    });
    let outcome = code();
    let last = NOW.replace(before).number;
    (outcome, last)
}

/// Finishes the checks of a process that is between two messages, or has ended.
#[inline]
pub(crate) fn end_checks(core: &ProcessHeader) {
    if core.is_checked.load(Ordering::Relaxed) {
        let graph = &core.system.wait_graph;
        graph.end_checks(&core.is_checked, core.pid);
    }
}

/// Ends the waits of a handler.
#[inline]
pub(crate) fn end(core: &ProcessHeader) {
    if core.is_server() && core.polls.end() {
        core.system.wait_graph.clear(core.pid);
    }
}
