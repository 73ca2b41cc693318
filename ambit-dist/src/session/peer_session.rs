//! The interface of a session for the incarnation of the other node, and the state that the session holds.

#[cfg(feature = "sim")]
use std::collections::BTreeMap;

use crate::remote_processes::peer_session::PeerSession;
use crate::session::state::Session;
#[cfg(feature = "sim")]
use crate::sim::Leftovers;
#[cfg(feature = "sim")]
use crate::wire::Kind;
use crate::wire::ProcessAddress as Address;

impl PeerSession for Session {
    fn windows(&self) -> (u32, u32) {
        (self.limits.first_window(), self.limits.window)
    }

    fn send_buffer(&self) -> usize {
        self.limits.queue
    }

    fn over(&self, process: Address) {
        let receiver = self.receivers.lock().remove(&process);
        if let Some(receiver) = receiver {
            receiver.over(self);
        }
    }

    #[cfg(feature = "sim")]
    fn leftovers(&self, left: &mut Leftovers) {
        left.count(
            "open calls",
            self.sent_calls.lock().as_ref().map_or(0, BTreeMap::len),
        );
        left.count(
            "open answers",
            self.answers.lock().as_ref().map_or(0, BTreeMap::len),
        );
        left.count("bytes of questions", self.request_budget.bytes());
        left.count("receivers", self.receivers.lock().len());
        left.count(
            "links and monitors of the other node",
            self.remote_relations.len(),
        );
        left.count("linkable processes", self.linkable.len());
        left.count("linked starts", self.linked_starts.len());
        left.count("unclaimed servers", self.unclaimed.len());
        left.count("bytes that wait for full processes", self.bytes_waiting());
        left.count("bytes to be written", self.queued());
        // Each call is answered at most once.
        let calls = self.stats.frames_out();
        let answers = self.stats.frames_in();
        let sum = |frames: &[(Kind, u64)], kinds: &[Kind]| -> u64 {
            let found = frames.iter().filter(|(kind, _)| kinds.contains(kind));
            found.map(|(_, count)| count).sum()
        };
        let calls = sum(&calls, &[Kind::Ask]);
        let answers = sum(&answers, &[Kind::Reply, Kind::ReplyErr]);
        left.count("answers too many", answers.saturating_sub(calls));
    }
}

impl Session {
    /// Returns whether the session is over and holds no more state.
    pub(crate) fn keeps_nothing(&self) -> bool {
        let calls = self.sent_calls.lock().is_none() && self.answers.lock().is_none();
        let is_empty = self.queued() == 0 && self.receivers.lock().is_empty();
        calls && is_empty && self.request_budget.bytes() == 0
    }
}
