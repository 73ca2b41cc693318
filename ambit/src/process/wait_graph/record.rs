//! One wait of a process, and how it shows that it still blocks the process.

use std::sync::Arc;

use crate::engine::reply::OpenReply;
use crate::engine::wake::ReaderWaker;
use crate::pid::Pid;
use crate::process::poll_count;
use crate::process::wait_check::WaitCheck;

/// A wait of a process in the graph.
pub(crate) struct WaitRecord {
    pub(crate) to: Pid,
    /// The last poll in which it was polled; 0 where polls are not counted.
    pub(crate) polled: u32,
    /// The first of the polls in which it was polled without an interruption; 0 where polls are not counted.
    pub(crate) began: u32,
    pub(crate) renewal: Renewal,
    pub(crate) awaited: Awaited,
    /// It may be given up and awaited later, unlike a call that is not sent yet.
    pub(crate) is_sent: bool,
    /// In the graph: it was the last one of a cycle, and is being checked. In a wait that is added or renewed: no search
    /// before has judged it.
    pub(crate) is_closing: bool,
}

/// How a wait shows that it is still awaited.
pub(crate) enum Renewal {
    /// Each poll of its process polls it.
    EachPoll,
    /// A poll of its process polls it after this waker was woken: it is in a set. It counts until it is removed.
    WhenWoken(Arc<ReaderWaker>),
    /// It counts until it is removed.
    None,
}

/// The event that ends a wait.
pub(crate) enum Awaited {
    /// The answer to this question.
    Answer(Arc<dyn OpenReply>),
    Start,
    /// The wait counts until it is removed.
    End,
}

/// The queries of the graph about processes, made under its locks: lock-free, or nearly.
pub(crate) trait ProcessQueries {
    /// Returns the number of its last poll in which user code ran; `None` if it has left the table.
    fn polled(&self, pid: Pid) -> Option<u32>;
    /// Returns true if waiting blocks it: a plain process handles control requests while it waits.
    fn can_block(&self, pid: Pid) -> bool;
    /// Returns true until its start has succeeded or failed.
    fn is_starting(&self, pid: Pid) -> bool;
}

impl WaitRecord {
    /// Polls it again. A set that keeps the wait need not poll it in each poll: then it has begun before.
    pub(super) fn renew(&mut self, by: &mut Self) {
        if !(self.is_in_set() && by.is_in_set()) {
            self.began = by.began;
        }
        self.polled = by.polled;
        self.is_closing &= by.is_closing;
        std::mem::swap(&mut self.renewal, &mut by.renewal);
    }

    pub(super) fn is_in_set(&self) -> bool {
        matches!(self.renewal, Renewal::WhenWoken(_))
    }

    /// Returns true if its process was polled for this check and did not poll it.
    pub(super) fn is_given_up(&self, check: &WaitCheck) -> bool {
        self.is_in_set() && check.is_done() && self.is_unpolled(check)
    }

    /// Returns true if it existed when the check began, and was not polled late enough to decide it.
    pub(super) fn is_unpolled(&self, check: &WaitCheck) -> bool {
        check.covers(self.began) && !check.decides(self.polled)
    }

    /// Returns true if it blocks its process: it was polled in the last poll, and is not over.
    pub(super) fn counts(&self, processes: &impl ProcessQueries, last: u32) -> bool {
        let is_renewed = !matches!(self.renewal, Renewal::EachPoll) || self.polled == last;
        is_renewed && self.is_pending(processes)
    }

    /// Returns true if it was polled in the last poll but one, and is not over: its process may be in the middle of a poll
    /// that will poll it.
    pub(super) fn is_late(&self, processes: &impl ProcessQueries, last: u32) -> bool {
        matches!(self.renewal, Renewal::EachPoll)
            && poll_count::since(self.polled, last) == 1
            && self.is_pending(processes)
    }

    pub(super) fn is_pending(&self, processes: &impl ProcessQueries) -> bool {
        match &self.awaited {
            Awaited::Answer(question) => question.is_open(),
            Awaited::Start => processes.is_starting(self.to),
            Awaited::End => true,
        }
    }
}
