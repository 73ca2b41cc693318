//! Performs the actions of the connection manager.

use crate::membership::run::MembershipInput;
use crate::node::connection_manager::{Action, ConnectionId};
use crate::node::connection_setup::{self, Negotiated, SetupEvent, SetupEvents};
use crate::node::down_reason::DownReason;
use crate::node::events::NodeEvent;
use crate::node::id::NodeId;
use crate::node::run::{ConnectionStage, PendingRefusal, Runner};
use crate::node::setup_error;
use crate::node::shared::ConnectedPeer;
use crate::rt;
use crate::session::channels::{CLUSTER, SessionNumber};
use crate::session::{self, Heartbeat, NegotiatedConnection, SessionEnd};
use crate::wire::CloseCode;

/// The maximum number of names with a connection count.
const NAMES: usize = 4096;

/// Reports the end of a session when it is dropped, and thus also after a panic of the session's task.
struct EndReport {
    conn: ConnectionId,
    ended: SessionEnd,
    events: SetupEvents,
}

impl EndReport {
    fn new(conn: ConnectionId, events: SetupEvents) -> Self {
        let text = "the task of the session panicked".to_owned();
        Self {
            conn,
            ended: SessionEnd::Here(CloseCode::Internal, text),
            events,
        }
    }

    async fn follow(mut self, session: impl Future<Output = SessionEnd>) {
        self.ended = session.await;
    }
}

impl Drop for EndReport {
    fn drop(&mut self) {
        let ended = SetupEvent::Ended(self.conn, self.ended.clone());
        // The send fails once the node has ended.
        self.events.send(ended).ok();
    }
}

impl Runner {
    /// Performs all pending actions.
    pub(super) fn act(&mut self) {
        loop {
            let actions = self.peers.take_actions();
            if actions.is_empty() {
                break;
            }
            for action in actions {
                self.act_on(action);
            }
        }
        let peers = &self.peers;
        let is_over = |refusal: &mut PendingRefusal| !peers.is_ending(&refusal.name);
        for refusal in self.refusals.extract_if(.., is_over) {
            // The send fails if the caller is gone.
            refusal.done.send(refusal.was_connected).ok();
        }
    }

    fn act_on(&mut self, action: Action) {
        match action {
            Action::Dial { conn, address } => {
                let dial =
                    connection_setup::dial(self.shared.clone(), conn, address, self.events.clone());
                let task = self.tasks.spawn(dial);
                self.conns.insert(conn, ConnectionStage::Dialling(task));
            }
            Action::Close { conn, code, text } => self.close(conn, code, &text),
            Action::GoAway { conn } => self.go_away(conn),
            Action::Up { id, conn } => self.up(id, conn),
            Action::Down { id, reason, .. } => self.down(id, reason),
            Action::Answer { caller, result } => {
                if let Some(done) = self.callers.remove(&caller.0) {
                    // The send fails if the caller is gone.
                    done.send(result).ok();
                }
            }
            Action::Renew(id) => {
                tracing::warn!(node = %self.shared.node_context.id(), later = %id, "a later incarnation of this node is known, so it takes a still later one: check its clock");
                self.shared.replication.take_incarnation(id);
            }
            Action::Warn(text) => {
                tracing::error!(node = %self.shared.node_context.id(), "{text}");
            }
        }
    }

    fn close(&mut self, conn: ConnectionId, code: CloseCode, text: &str) {
        match self.conns.remove(&conn) {
            Some(ConnectionStage::Dialling(task)) => task.abort(),
            Some(ConnectionStage::Offered(connection, _)) => connection.close(code, text),
            Some(ConnectionStage::Negotiated(negotiated, _)) => {
                negotiated.connection.close(code, text)
            }
            Some(ConnectionStage::Up(session)) => {
                session.close(code, text);
                self.conns.insert(conn, ConnectionStage::Ending);
            }
            Some(ConnectionStage::Ending) => {
                self.conns.insert(conn, ConnectionStage::Ending);
            }
            None => {}
        }
    }

    /// Ends a connection after its queued messages.
    fn go_away(&mut self, conn: ConnectionId) {
        match self.conns.get(&conn) {
            Some(ConnectionStage::Up(session)) => {
                // The rest of the time is for the messages.
                session.leave(self.shared.timeouts.leave / 2);
            }
            // Its session waits for the end of an earlier one, and has no messages.
            Some(ConnectionStage::Negotiated(..)) => {
                self.close(conn, CloseCode::GoAway, "the node leaves");
                self.peers.lost(self.now(), conn, DownReason::Left);
            }
            _ => {}
        }
    }

    /// Opens the session. Its streams are read only after all subscribers have received the `Up` event.
    fn up(&mut self, id: NodeId, conn: ConnectionId) {
        let Some(ConnectionStage::Negotiated(negotiated, dialled)) = self.conns.remove(&conn)
        else {
            return;
        };
        let Negotiated {
            connection,
            head,
            agreed: ready,
        } = *negotiated;
        let takes_part = ready.features() & CLUSTER != 0;
        let membership = self.membership.as_ref().filter(|_| takes_part);
        let inbox = membership.map(|membership| membership.inbox.clone());
        connection.begin_session();
        let heartbeat = Heartbeat {
            every: ready.heartbeat(),
            missed: self.shared.timeouts.missed,
        };
        let number = SessionNumber(conn.0);
        let (session, running) = session::open(NegotiatedConnection {
            node_context: self.shared.node_context.clone(),
            peer: id.clone(),
            number,
            connection: connection.clone(),
            control: head.into_halves(),
            codec: ready.codec(),
            limits: ready.limits().clone(),
            heartbeat,
            inbox: inbox.clone(),
        });
        if dialled {
            // The first frame confirms the connection. The answer is not needed.
            drop(session.ping());
        }
        let reconnects = self.count(&id);
        let connected = ConnectedPeer {
            session: session.clone(),
            connection,
            ready,
            dialled,
            since: rt::now(),
            reconnects,
            conflicts: self.peers.conflicts(&id.name),
        };
        let earlier = self.shared.table.lock().insert(id.name.clone(), connected);
        // A connection of a custom transport is not dropped under the lock.
        drop(earlier);
        tracing::info!(node = %self.shared.node_context.id(), peer = %id, dialled, "up");
        if inbox.is_some() {
            self.notify_membership(MembershipInput::Connected(id.clone()));
            self.shared.replication.connected(&id, number);
        }
        self.shared.subscribers.emit(&NodeEvent::Up { node: id });
        let report = EndReport::new(conn, self.events.clone());
        drop(rt::spawn(report.follow(running)));
        self.conns.insert(conn, ConnectionStage::Up(session));
    }

    fn count(&mut self, id: &NodeId) -> u64 {
        if self.connections.len() >= NAMES {
            self.connections.pop_first();
        }
        let connections = self.connections.entry(id.name.clone()).or_default();
        *connections += 1;
        *connections - 1
    }

    /// Emits the `Down` event. The session has ended, so no more messages arrive.
    fn down(&mut self, id: NodeId, reason: DownReason) {
        let ended = self.shared.table.lock().remove(&id.name);
        // A connection of a custom transport is not dropped under the lock.
        drop(ended);
        tracing::info!(node = %self.shared.node_context.id(), peer = %id, %reason, "down");
        self.shared.replication.disconnected(&id);
        let has_left = reason == DownReason::Left;
        self.notify_membership(MembershipInput::Disconnected(id.clone(), has_left));
        let node = id;
        self.shared
            .subscribers
            .emit(&NodeEvent::Down { node, reason });
    }

    /// Handles the end of a session.
    pub(super) fn ended(&mut self, conn: ConnectionId, ended: SessionEnd) {
        self.conns.remove(&conn);
        let reason = setup_error::of_session(ended);
        let now = self.now();
        self.peers.lost(now, conn, reason);
    }
}
