//! Waits for the next event of the node. A source that always has events does not keep the task from the others.

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::watch;

use crate::membership::run::{DialRequest, MembershipLink};
use crate::node::run::Runner;
use crate::node::run::event_sources::EventSources;
use crate::rt;

/// The number of events after which each source gives one.
const EVENTS: u32 = 16;

/// Waits until the trusted certificates change.
async fn changed(changes: &mut Option<watch::Receiver<()>>) {
    if let Some(changes) = changes
        && changes.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// Waits for a request of the membership.
async fn dial_request(membership: &mut Option<MembershipLink>) -> Option<DialRequest> {
    match membership {
        Some(membership) => membership.dials.recv().await,
        None => std::future::pending().await,
    }
}

impl Runner {
    /// Waits for the next event and handles it. Setup events come first, commands last.
    pub(super) async fn handle_next(&mut self, sources: &mut EventSources) {
        if sources.handled >= EVENTS {
            sources.handled = 0;
            return self.handle_one_of_each(sources);
        }
        sources.handled += 1;
        let wake = self.wake();
        let shared = self.shared.clone();
        let commands = &mut sources.commands;
        tokio::select! {
            biased;
            Some(found) = sources.setup.recv() => self.handle_setup(found),
            () = rt::sleep_until(wake.unwrap_or_else(rt::now)), if wake.is_some() => {
                self.timer();
            }
            Some(request) = dial_request(&mut self.membership) => self.dial_member(request),
            () = changed(&mut sources.changes) => self.recheck(),
            () = shared.discovery.changed() => self.discovered(),
            command = commands.recv(), if self.leaving.is_none() || !commands.is_closed() => {
                self.obey(command);
            }
        }
    }

    /// Handles one event of each source that has one.
    fn handle_one_of_each(&mut self, sources: &mut EventSources) {
        if let Ok(found) = sources.setup.try_recv() {
            self.handle_setup(found);
        }
        if self.wake().is_some_and(|wake| wake <= rt::now()) {
            self.timer();
        }
        if let Some(membership) = &mut self.membership
            && let Ok(request) = membership.dials.try_recv()
        {
            self.dial_member(request);
        }
        if let Some(changes) = &mut sources.changes
            && changes.has_changed().unwrap_or(false)
        {
            changes.mark_unchanged();
            self.recheck();
        }
        self.discovered();
        match sources.commands.try_recv() {
            Ok(command) => self.obey(Some(command)),
            Err(TryRecvError::Disconnected) if self.leaving.is_none() => self.obey(None),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
        }
    }
}
