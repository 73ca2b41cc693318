//! The wait edge of one future: in the graph while a process really waits in it.

use std::sync::Arc;
use std::task::Waker;

use crate::engine::reply::OpenReply;
use crate::error::CallError;
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::{AnyProcess, ProcessHeader, ProcessKind, ProcessRef};
use crate::process::table::ProcessTable;
use crate::process::wait_graph::{Awaited, Cycle, ProcessQueries, WaitRecord};
use crate::process::wait_scope;

/// The edge of one wait, if a process waits in it.
#[derive(Default)]
pub(crate) struct WaitEdge(Option<Noted>);

struct Noted {
    from: ProcessRef,
    id: u64,
    /// The last poll in which it was polled.
    polled: u32,
}

impl WaitEdge {
    /// Records the wait of a call before it is sent, like [`wait`](Self::wait). A process that calls itself is rejected
    /// even where it could not wait.
    #[inline]
    pub(crate) fn of_call(
        to: Pid,
        question: impl Fn() -> Option<Arc<dyn OpenReply>>,
        waker: &Waker,
    ) -> Result<Self, CallError> {
        let mut edge = Self::default();
        let own = current::pid();
        if own == to {
            return Err(CallError::CallsItself);
        }
        if own != Pid::NOBODY {
            edge.wait_in_process(to, &question, waker)?;
        }
        Ok(edge)
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
    ) -> Result<(), CallError> {
        if current::pid() == Pid::NOBODY && self.0.is_none() {
            return Ok(());
        }
        self.wait_in_process(to, &question, waker)
    }

    /// Records that `from` waits for the end of `to`, until this is dropped. A question that closes a cycle with this
    /// wait fails: the wait itself goes on.
    pub(crate) fn of_end(from: ProcessRef, to: Pid) -> Self {
        let core = from.core();
        let wait = WaitRecord {
            to,
            polled: None,
            awaited: Awaited::End,
        };
        let (graph, table) = (&core.system.wait_graph, &core.system.table);
        let (id, cycle) = graph.wait(table, core.pid, None, wait);
        let polled = 0;
        let mut edge = Self(Some(Noted { from, id, polled }));
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
    ) -> Result<(), CallError> {
        // A waker without data wakes nothing: this poll is a look at the answer, not a wait.
        let is_look = waker.data().is_null();
        let polled = |from: &ProcessRef| match is_look {
            true => None,
            false => wait_scope::current(from.core(), waker),
        };
        let waits = current::current().and_then(|from| Some((polled(&from)?, from)));
        // In a handler that cannot wait, in another task or outside a process: this wait blocks nothing.
        let Some((polled, from)) = waits else {
            self.0 = None;
            return Ok(());
        };
        let core = from.core();
        if core.pid == to {
            return Err(CallError::CallsItself);
        }
        self.0.take_if(|noted| noted.from.core().pid != core.pid);
        if self
            .0
            .as_ref()
            .is_some_and(|noted| noted.polled == polled.number)
        {
            return Ok(());
        }
        let wait = WaitRecord {
            to,
            polled: polled.is_renewed.then_some(polled.number),
            awaited: question().map_or(Awaited::Start, Awaited::Answer),
        };
        let known = self.0.as_ref().map(|noted| noted.id);
        let (graph, table) = (&core.system.wait_graph, &core.system.table);
        let (id, cycle) = graph.wait(table, core.pid, known, wait);
        let (process, polled) = (from.clone(), polled.number);
        match &mut self.0 {
            Some(noted) => (noted.id, noted.polled) = (id, polled),
            none => {
                *none = Some(Noted {
                    from: process,
                    id,
                    polled,
                });
            }
        }
        self.judge(cycle, known.is_none())
    }

    fn judge(&mut self, cycle: Cycle, is_new: bool) -> Result<(), CallError> {
        match cycle {
            Cycle::Possible(pids) if is_new => {
                tracing::warn!(pids = ?pids, "these processes may be waiting for each other");
                Ok(())
            }
            Cycle::None | Cycle::Possible(_) => Ok(()),
            // Another process fails: a start is not rejected because of the calls of its init, nor is a stop because of
            // those of its terminate.
            Cycle::Closed(pids, Some(question)) => {
                question.fail(CallError::Cycle { pids });
                Ok(())
            }
            Cycle::Closed(pids, None) => {
                self.0 = None;
                Err(CallError::Cycle { pids })
            }
        }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let core = self.from.core();
        core.system.wait_graph.remove(core.pid, self.id);
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
