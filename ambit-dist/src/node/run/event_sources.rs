//! The sources of the events that the node's task waits for.

use tokio::sync::{mpsc, watch};

use crate::node::connection_setup::SetupEvent;
use crate::node::run::command::Command;

/// The sources of events of the node's task.
pub(super) struct EventSources {
    pub(super) setup: mpsc::UnboundedReceiver<SetupEvent>,
    /// The changes of the trusted certificates.
    pub(super) changes: Option<watch::Receiver<()>>,
    pub(super) commands: mpsc::Receiver<Command>,
    /// The number of events since each source last gave one.
    pub(super) handled: u32,
}

impl EventSources {
    pub(super) fn new(
        setup: mpsc::UnboundedReceiver<SetupEvent>,
        changes: Option<watch::Receiver<()>>,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        Self {
            setup,
            changes,
            commands,
            handled: 0,
        }
    }
}
