//! The end of a node.

use crate::membership::run::MembershipInput;
use crate::node::connection_manager::ConnectionId;
use crate::node::down_reason::DownReason;
use crate::node::run::event_sources::EventSources;
use crate::node::run::{ConnectionStage, Runner};
use crate::rt;
use crate::wire::CloseCode;

impl Runner {
    /// Starts to leave.
    pub(super) fn leave(&mut self) {
        if self.leaving.is_none() {
            self.leaving = Some(rt::after(self.shared.timeouts.leave));
            // Before the first session ends, so that nothing that a peer has run moves to this node.
            self.shared.membership.begin_leave();
            self.notify_membership(MembershipInput::Leave);
            self.peers.leave();
        }
    }

    /// Ends the connections that have not ended in time, and closes all channels.
    pub(super) async fn end(mut self, mut sources: EventSources) {
        sources.commands.close();
        let rest: Vec<ConnectionId> = self.conns.keys().copied().collect();
        for conn in rest {
            if let Some(ConnectionStage::Up(session)) = self.conns.get(&conn) {
                session.close(CloseCode::GoAway, "the node leaves");
            }
            let now = self.now();
            self.peers.drop_connection(now, conn, DownReason::Left);
        }
        self.act();
        while self.peers.has_ending()
            && let Some(found) = sources.setup.recv().await
        {
            self.handle_setup(found);
            self.act();
        }
        self.shared.transport.close().await;
        while let Ok(command) = sources.commands.try_recv() {
            self.obey(Some(command));
            self.act();
        }
        // The tasks share the transport, whose address is free after this.
        self.membership = None;
        self.tasks.shutdown().await;
        self.shared.membership.end();
        for done in self.leavers {
            done.send(()).ok();
        }
    }
}
