//! The task of the replicated tables: it passes frames between the store and the sessions.

use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use crate::node::id::NodeName;
use crate::node::shared::Shared;
use crate::replica::store::Action;
use crate::replication::frames::SessionAction;
use crate::replication::shared::Replication;
use crate::rt;
use crate::session::channels::{Channel, ChannelFrame};
use crate::wire::CloseCode;

/// Ends all waiting writers at the end of the task, even if its runtime shuts down.
struct EndOnDrop(Arc<Replication>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Runs until the task of the node aborts it, which may be before the first poll.
pub(crate) fn run(
    shared: &Arc<Shared>,
    frames: mpsc::Receiver<ChannelFrame>,
) -> impl Future<Output = ()> + Send + use<> {
    let end = EndOnDrop(shared.replication.clone());
    // The socket of the node is free as soon as its own task has ended, not only when this one is dropped.
    let shared = Arc::downgrade(shared);
    async move {
        let replication = end.0.clone();
        pass_frames(&shared, &replication, frames).await;
        drop(end);
    }
}

async fn pass_frames(
    shared: &Weak<Shared>,
    replication: &Replication,
    mut frames: mpsc::Receiver<ChannelFrame>,
) {
    loop {
        let (actions, deadline) = replication.take_actions();
        for action in actions {
            let Some(shared) = shared.upgrade() else {
                return;
            };
            act(&shared, action);
        }
        let wake = deadline.map(|due| replication.at(due));
        tokio::select! {
            biased;
            () = rt::sleep_until(wake.unwrap_or_else(rt::now)), if wake.is_some() => {
                replication.timer();
            }
            Some(frame) = frames.recv() => replication.received(&frame),
            // Last, because each turn sends what was written: a burst of writes must not hold up the rest.
            () = replication.wake.notified() => {}
        }
    }
}

fn act(shared: &Shared, SessionAction { session, action }: SessionAction) {
    // The session may have been replaced since the action was taken.
    let current = |name: &NodeName| {
        let current = shared.session(name)?;
        let number = current.channels()?.session;
        (Some(number) == session).then_some(current)
    };
    match action {
        Action::Send { to, bytes } => {
            let Some(session) = current(&to) else { return };
            let Some(channels) = session.channels() else {
                return;
            };
            let queue = channels.queue(Channel::Sync);
            if !queue.send(bytes) && !queue.is_closed() {
                // The store counts on the order of its frames, so a lost one ends the session.
                let text = "it reads replicated entries too slowly";
                tracing::warn!(node = %shared.node_context.id(), peer = %to, text, "the session is closed");
                session.close(CloseCode::Overloaded, text);
            }
        }
        Action::Close { peer, code, text } => {
            tracing::warn!(node = %shared.node_context.id(), %peer, ?code, text, "the session is closed because of its replicated entries");
            if let Some(session) = current(&peer) {
                session.close(code, text);
            }
        }
        Action::Acknowledged { version } => shared.replication.reached(version),
    }
}
