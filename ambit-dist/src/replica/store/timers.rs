//! Runs the periodic work and the deadlines of the store.

use std::time::Duration;

use crate::node::id::NodeName;
use crate::replica::peers::Received;
use crate::replica::store::Store;
use crate::wire::CloseCode;

impl Store {
    /// Returns the time of the next call of [`timer`](Self::timer).
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let grace = self.members.graces.first().map(|(end, _)| *end);
        [self.digest_at, self.relay_at, grace]
            .into_iter()
            .flatten()
            .min()
    }

    /// Performs all work whose time has come.
    pub(crate) fn timer(&mut self, now: Duration) {
        self.end_graces(now);
        if self.digest_at.is_some_and(|at| at <= now) {
            self.digest_at = None;
            self.close_stalled(now);
            self.send_digest();
        }
        if self.relay_at.is_some_and(|at| at <= now) {
            self.relay_at = None;
            self.ask_relays(now);
        }
        self.schedule(now);
    }

    /// Closes the sessions with nodes that no longer acknowledge: all registrations of names wait for them. The cost
    /// grows with the number of sessions.
    fn close_stalled(&mut self, now: Duration) {
        let patience = self.settings.ack_patience;
        for name in self.peer_names() {
            let received = self.received_from(&name);
            let peer = self.peers.get_mut(&name);
            if peer.is_some_and(|peer| peer.is_stalled(now, received, patience)) {
                let text = format!("no replicated entry was acknowledged for {patience:?}");
                self.close(now, &name, CloseCode::Overloaded, text);
            }
        }
    }

    /// Returns the entries that this node has of a peer for whose acknowledgements it waits.
    fn received_from(&self, name: &NodeName) -> Option<Received> {
        let peer = self.peers.get(name)?;
        let Some(member) = self.members.get(&peer.id) else {
            return self.is_expected(name).then(Received::default);
        };
        if peer.is_returning {
            return Some(Received::default());
        }
        let transfer = member.transfer.as_ref();
        let staging = transfer.and_then(|transfer| transfer.staging.as_ref());
        member.is_up().then(|| Received {
            version: member.log.version(),
            staged: staging.map_or(0, |staging| staging.log.len()),
        })
    }

    /// Starts and stops the periodic work.
    pub(super) fn schedule(&mut self, now: Duration) {
        let has_peers = !self.peers.is_empty();
        let digest = now.saturating_add(self.settings.digest_every);
        let at = self.digest_at.unwrap_or(digest);
        self.digest_at = has_peers.then_some(at);
        let needs_relay = has_peers && !self.members.without_session.is_empty();
        let relay = now.saturating_add(self.settings.relay_every);
        let at = self.relay_at.unwrap_or(relay);
        self.relay_at = needs_relay.then_some(at);
    }
}
