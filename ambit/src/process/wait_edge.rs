//! The wait edge of one future: in the graph while a process really waits in it.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::task::Waker;

use crate::engine::reply::OpenReply;
use crate::engine::wake::ReaderWaker;
use crate::engine::wake_list;
use crate::error::CallError;
use crate::pid::Pid;
use crate::process::checked_poll;
use crate::process::current;
use crate::process::header::{AnyProcess, ProcessHeader, ProcessKind, ProcessRef};
use crate::process::poll_count;
use crate::process::system_inner::SystemInner;
use crate::process::table::ProcessTable;
use crate::process::wait_check::{Unchecked, WaitCheck};
use crate::process::wait_graph::{Awaited, Cycle, ProcessQueries, Renewal, WaitRecord};
use crate::process::wait_scope::{self, PollScope};

/// A wait in a set that is polled more often in one poll blocks its thread. A `FuturesUnordered` polls a future that
/// was woken during its own poll twice more at most.
const REPEATS: u8 = 4;

/// The poll in which a wait is recorded.
#[derive(Clone, Copy)]
pub(crate) enum PollKind {
    Plain,
    /// Others check the process: the wait must keep the waker of the task instead.
    Checked,
}

/// The edge of one wait, if a process waits in it.
#[derive(Default)]
pub(crate) struct WaitEdge(Option<Noted>);

struct Noted {
    from: ProcessRef,
    id: u64,
    /// The last poll in which it was polled.
    polled: u32,
    /// The first of the polls in which it was polled without an interruption.
    began: u32,
    /// The number of times that it was polled again in the same poll during a check of its process; up to a limit.
    repeated: u8,
    kind: PollKind,
    /// Its waker, if it is in a set.
    reader: Option<Arc<ReaderWaker>>,
    /// Those that it has requested; boxed, because hardly any wait closes a cycle.
    checks: Option<Box<Checks>>,
}

/// The checks of the processes in a cycle that a wait for `to` would close.
struct Checks {
    system: Arc<SystemInner>,
    to: Pid,
    /// The wait was added by the search that requested the first of them.
    is_new: bool,
    all: Vec<Arc<WaitCheck>>,
}

impl Drop for Checks {
    fn drop(&mut self) {
        for check in &self.all {
            if !check.is_done() {
                self.system.wait_graph.forget(check);
            }
            check.cancel();
        }
    }
}

impl WaitEdge {
    /// Records the wait of a call before it is sent, like [`wait`](Self::wait). A process that calls itself is rejected
    /// even where it could not wait.
    #[inline]
    pub(crate) fn before_call(
        &mut self,
        to: Pid,
        question: impl Fn() -> Option<Arc<dyn OpenReply>>,
        waker: &Waker,
    ) -> Result<(), CallError> {
        let own = current::pid();
        if own == to {
            return Err(CallError::CallsItself);
        }
        if own != Pid::NOBODY || self.0.is_some() {
            self.wait_in_process(to, &question, waker, false)?;
        }
        Ok(())
    }

    /// Returns the system of the process that waits.
    pub(crate) fn system(&self) -> Option<&Arc<SystemInner>> {
        Some(&self.0.as_ref()?.from.core().system)
    }

    /// Returns true while it is being checked whether this wait closes a cycle. The check wakes the wait when it is done.
    #[inline]
    pub(crate) fn is_checking(&self) -> bool {
        self.0.as_ref().is_some_and(|noted| noted.checks.is_some())
    }

    /// Returns true if a process waits.
    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// Returns true if it was recorded last in a poll of a process that others check.
    pub(crate) fn is_in_checked_poll(&self) -> bool {
        let noted = self.0.as_ref();
        noted.is_some_and(|noted| matches!(noted.kind, PollKind::Checked))
    }

    /// Records, in each poll that does not end the wait, whether the current process waits for `to` in it, with
    /// `waker`; for the answer to `question`, or for its start. Fails if no process in the cycle that this closes could
    /// continue.
    #[inline]
    pub(crate) fn wait(
        &mut self,
        to: Pid,
        question: impl Fn() -> Option<Arc<dyn OpenReply>>,
        waker: &Waker,
    ) -> Result<PollKind, CallError> {
        if current::pid() == Pid::NOBODY && self.0.is_none() {
            return Ok(PollKind::Plain);
        }
        self.wait_in_process(to, &question, waker, true)
    }

    /// Records that `from` waits for the end of `to`, until this is dropped. A question that closes a cycle with this
    /// wait fails: the wait itself goes on.
    pub(crate) fn of_end(from: ProcessRef, to: Pid) -> Self {
        let core = from.core();
        let wait = WaitRecord {
            to,
            polled: 0,
            began: 0,
            renewal: Renewal::None,
            awaited: Awaited::End,
            is_sent: true,
            is_closing: false,
        };
        let (graph, table) = (&core.system.wait_graph, &core.system.table);
        // The supervisor is not polled again for its checks: this wait has none.
        let (id, cycle) = graph.wait(table, core.pid, None, wait, None);
        let mut edge = Self(Some(Noted::new(from, id)));
        // Without a question in the cycle there is no wait that could fail.
        edge.judge(cycle, true).ok();
        edge
    }

    #[inline(never)]
    fn wait_in_process(
        &mut self,
        to: Pid,
        question: &dyn Fn() -> Option<Arc<dyn OpenReply>>,
        waker: &Waker,
        is_sent: bool,
    ) -> Result<PollKind, CallError> {
        let Some((from, mut polled)) = waiting_process(waker) else {
            self.0 = None;
            return Ok(PollKind::Plain);
        };
        let task = checked_poll::task_of(waker);
        let kind = match task {
            Some(_) => PollKind::Checked,
            None => PollKind::Plain,
        };
        let core = from.core();
        if core.pid == to {
            return Err(CallError::CallsItself);
        }
        self.0.take_if(|noted| noted.is_of_another(core.pid, to));
        if let Some(noted) = &mut self.0 {
            polled.number = noted.poll_number(&polled, waker);
        }
        let noted = self.0.as_ref();
        if noted.is_some_and(|noted| noted.is_recorded(&polled)) {
            return Ok(kind);
        }
        let is_new = noted.is_none_or(Noted::is_new);
        let requested = noted.map_or(&[][..], Noted::requested);
        let waker = task.as_ref().unwrap_or(waker);
        for check in requested {
            check.wake_with(waker);
        }
        let known_reader = noted.and_then(|noted| noted.reader.clone());
        let reader = polled.is_apart().then(|| reader_of(known_reader, waker));
        let began = noted.map_or(polled.number, |noted| noted.began_before(polled.number));
        let wait = WaitRecord {
            to,
            polled: polled.number,
            began,
            renewal: match &reader {
                Some(reader) => Renewal::WhenWoken(reader.clone()),
                None if polled.is_renewed => Renewal::EachPoll,
                None => Renewal::None,
            },
            awaited: question().map_or(Awaited::Start, Awaited::Answer),
            is_sent,
            is_closing: is_new,
        };
        let known = noted.map(|noted| noted.id);
        let (graph, table) = (&core.system.wait_graph, &core.system.table);
        let (id, cycle) = graph.wait(table, core.pid, known, wait, Some(requested));
        if known.is_none() && polled.is_apart() && core.is_checked.load(Ordering::Relaxed) {
            // A check that began before has not woken it.
            wake_list::wake_by_ref(waker);
        }
        let noted = self.0.get_or_insert_with(|| Noted::new(from, id));
        (noted.id, noted.polled, noted.began) = (id, polled.number, began);
        (noted.reader, noted.kind) = (reader, kind);
        noted.check(&cycle, to, is_new, waker);
        let judged = self.judge(cycle, is_new);
        if judged.is_err() {
            // Another wait of the process may have left the verdict to this one, and judges in the next poll.
            wake_list::wake_by_ref(waker);
        }
        judged.map(|()| kind)
    }

    fn judge(&mut self, cycle: Cycle, is_new: bool) -> Result<(), CallError> {
        match cycle {
            Cycle::Possible(pids) if is_new => {
                tracing::warn!(pids = ?pids, "these processes may be waiting for each other");
                Ok(())
            }
            Cycle::None | Cycle::Left | Cycle::Possible(_) | Cycle::Unchecked(_) => Ok(()),
            // Another process fails: a start is not rejected because of the calls of its init, nor is a stop because of
            // those of its terminate.
            Cycle::Fails(pids, failed) => {
                failed.question.fail(CallError::Cycle { pids });
                Ok(())
            }
            Cycle::Rejected(pids) => {
                self.0 = None;
                Err(CallError::Cycle { pids })
            }
        }
    }
}

/// Returns the process that waits in this poll, if one does: not in a handler that cannot wait, in another task or outside
/// a process.
fn waiting_process(waker: &Waker) -> Option<(ProcessRef, PollScope)> {
    // A waker without data wakes nothing: this poll is a look at the answer, not a wait.
    if waker.data().is_null() {
        return None;
    }
    let from = current::current()?;
    let polled = wait_scope::current(from.core(), waker)?;
    Some((from, polled))
}

/// Returns the waker of a wait in a set: the known one, unless the set has another waker now.
fn reader_of(known: Option<Arc<ReaderWaker>>, waker: &Waker) -> Arc<ReaderWaker> {
    let known = known.filter(|reader| reader.wakes(waker));
    known.unwrap_or_else(|| ReaderWaker::new(waker))
}

impl Noted {
    fn new(from: ProcessRef, id: u64) -> Self {
        Self {
            from,
            id,
            polled: 0,
            began: 0,
            repeated: 0,
            kind: PollKind::Plain,
            reader: None,
            checks: None,
        }
    }

    /// Returns true if another process waits now, or for another one: a call by name that is not sent yet.
    fn is_of_another(&self, from: Pid, to: Pid) -> bool {
        let checks = self.checks.as_ref();
        self.from.core().pid != from || checks.is_some_and(|checks| checks.to != to)
    }

    /// Returns the number of the poll in which it is polled now. A wait in a set that is polled again and again in one
    /// poll shows that this poll blocks its thread, as `blocking` does: then checks of the process are decided in it.
    fn poll_number(&mut self, polled: &PollScope, waker: &Waker) -> u32 {
        if self.polled != polled.number {
            self.repeated = 0;
            return polled.number;
        }
        let core = self.from.core();
        if !polled.is_apart() || !core.is_checked.load(Ordering::Relaxed) {
            return polled.number;
        }
        if self.repeated < REPEATS {
            self.repeated += 1;
            wake_list::wake_by_ref(waker);
            return polled.number;
        }
        wait_scope::begin_again(core, waker).unwrap_or(polled.number)
    }

    /// Returns the poll in which this wait began, if it is polled in the one with this number. A poll of its process
    /// that did not poll it has ended it.
    fn began_before(&self, number: u32) -> u32 {
        match poll_count::since(self.polled, number) {
            0 | 1 => self.began,
            _ => number,
        }
    }

    /// Returns true if the graph needs no change after this poll. A wait in a set may have another waker in the same poll,
    /// and its thread may be blocked in this poll.
    fn is_recorded(&self, polled: &PollScope) -> bool {
        let is_in_set = polled.is_apart() || self.reader.is_some();
        !is_in_set && self.polled == polled.number && self.checks.is_none()
    }

    /// Returns true if no search before has judged this wait.
    fn is_new(&self) -> bool {
        self.checks.as_ref().is_some_and(|checks| checks.is_new)
    }

    fn requested(&self) -> &[Arc<WaitCheck>] {
        self.checks.as_ref().map_or(&[], |checks| &checks.all)
    }

    /// Requests the checks that this cycle needs, or ends them if it needs none.
    fn check(&mut self, cycle: &Cycle, to: Pid, is_new: bool, waker: &Waker) {
        let Cycle::Unchecked(unchecked) = cycle else {
            self.checks = None;
            return;
        };
        let system = &self.from.core().system;
        let checks = self.checks.get_or_insert_with(|| {
            Box::new(Checks {
                system: system.clone(),
                to,
                is_new,
                all: Vec::new(),
            })
        });
        checks.request(unchecked, waker);
    }
}

impl Checks {
    /// Requests checks of processes that may no longer wait, and has them polled.
    #[cold]
    fn request(&mut self, unchecked: &[Unchecked], waker: &Waker) {
        for unchecked in unchecked {
            let process = unchecked.process;
            let check = WaitCheck::new(process, unchecked.rounds + 1, waker);
            // One that does not cover all waits of the process is replaced; it is done.
            self.all.retain(|known| known.process != process);
            self.all.push(check.clone());
            let system = &self.system;
            let Some(process) = system.table.get(process) else {
                check.mark_done();
                check.wake();
                continue;
            };
            let core = process.core();
            let graph = &system.wait_graph;
            let apart = graph.check(&system.table, &core.is_checked, check.clone());
            apart.into_iter().map(Waker::from).for_each(Waker::wake);
            process.control(&mut |_| {});
            // An end that was too early to see the check is seen here.
            fence(Ordering::SeqCst);
            if core.has_exited() {
                graph.forget(&check);
                check.mark_done();
                check.wake();
            }
        }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let core = self.from.core();
        let graph = &core.system.wait_graph;
        if self.checks.take().is_none() {
            graph.remove(core.pid, self.id);
            return;
        }
        if graph.withdraw(core.pid, self.id) {
            self.from.control(&mut |_| {});
        }
    }
}

impl ProcessQueries for ProcessTable<dyn AnyProcess> {
    fn polled(&self, pid: Pid) -> Option<u32> {
        self.with(pid, |core| core.polls.last())
    }

    fn can_block(&self, pid: Pid) -> bool {
        let kind = self.with(pid, |core| core.kind);
        !matches!(
            kind,
            Some(
                ProcessKind::Plain | ProcessKind::Side | ProcessKind::Main | ProcessKind::DeafMain
            )
        )
    }

    fn is_starting(&self, pid: Pid) -> bool {
        self.with(pid, ProcessHeader::is_starting).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests;
