//! Sends the signals of processes whose messages to the remote process are still queued.

use crate::distribution::credit_queue::SendEntry;
use crate::distribution::remote_proxy::RemoteProxy;
use crate::engine::queue_ticket::TicketOutcome;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::Codec;
use crate::process::node_signal::{Cause, Signal};

impl<C: Codec> RemoteProxy<C> {
    /// Queues an exit signal or a `Down` behind the buffered messages of its sender, which it must not overtake as a
    /// message. Returns the signal if it need not be queued and must be sent now.
    ///
    /// An exit that is queued is also sent ahead: if it ends the receiver, it needs no place among the messages, and
    /// the receiver may be one that takes no messages.
    #[must_use]
    pub fn follow(&self, signal: Signal) -> Option<Signal> {
        let (Signal::Down { from, .. } | Signal::Exit { from, .. }) = signal else {
            return Some(signal);
        };
        // The lock is held until the exit is sent ahead: the queued one must not overtake it.
        let mut queue = self.queue.lock();
        if is_kill(&signal) || !queue.has_accepted_of(from) {
            return Some(signal);
        }
        if let (Some(ahead), Some(session)) = (ahead(&signal), self.peer.session()) {
            session.signal(self.core.pid, ahead);
        }
        queue.wait_behind_accepted(signal);
        None
    }

    /// Refuses all queued messages, because the process has ended. Queued signals are sent, because they end relations
    /// that both nodes count.
    pub(super) fn refuse_queued(&self, reason: &ExitReason) {
        let (waiting, _kept) = self.queue.lock().close();
        let error = CallError::Exited {
            reason: reason.clone(),
            executed: Executed::No,
        };
        let session = self.peer.session();
        for entry in waiting {
            match (entry, &session) {
                (SendEntry::Signal(signal), Some(session)) => session.signal(self.core.pid, signal),
                (entry, _) => entry.refuse(TicketOutcome::Closed, &error),
            }
        }
    }
}

/// Returns true for a kill, which no process can trap, and which therefore is never a message.
fn is_kill(signal: &Signal) -> bool {
    let Signal::Exit { reason, cause, .. } = signal else {
        return false;
    };
    *reason == ExitReason::Kill && *cause == Cause::Sent
}

/// Returns the signal that is sent ahead of an exit.
fn ahead(signal: &Signal) -> Option<Signal> {
    let Signal::Exit {
        from,
        reason,
        cause,
    } = signal
    else {
        return None;
    };
    Some(Signal::ExitAhead {
        from: *from,
        reason: reason.clone(),
        cause: *cause,
    })
}
