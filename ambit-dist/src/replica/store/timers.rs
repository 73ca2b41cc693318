//! Runs the periodic work and the deadlines of the store.

use std::time::Duration;

use crate::replica::store::Store;

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
            self.send_digest();
        }
        if self.relay_at.is_some_and(|at| at <= now) {
            self.relay_at = None;
            self.ask_relays(now);
        }
        self.schedule(now);
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
