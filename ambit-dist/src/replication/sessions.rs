//! Events of the node and of its membership.

use crate::node::id::NodeId;
use crate::replica::origin::Origin;
use crate::replication::shared::Replication;
use crate::session::channels::{ChannelFrame, SessionNumber};

impl Replication {
    /// This node takes another incarnation, because no other node has accepted the present one. Its entries belong to the
    /// new incarnation.
    pub(crate) fn take_incarnation(&self, own: NodeId) {
        self.change(|tables, _| {
            tables.store.set_own(&own);
            self.node_context.identity.renew(own);
        });
    }

    /// A session with a node that replicates has opened. The incarnation of this node is fixed from now on.
    pub(crate) fn connected(&self, peer: &NodeId, session: SessionNumber) {
        self.change(|tables, now| {
            let connected = (peer.clone(), session);
            tables.connected.insert(peer.name.clone(), connected);
            tables.store.connected(now, peer);
        });
    }

    /// A session has ended.
    pub(crate) fn disconnected(&self, peer: &NodeId) {
        self.change(|tables, now| {
            let connected = tables.connected.get(&peer.name);
            if connected.is_some_and(|(id, _)| id == peer) {
                tables.connected.remove(&peer.name);
                tables.store.disconnected(now, &peer.name);
            }
        });
    }

    /// A node is a member, also after a renewal. Does nothing once this node has ended.
    pub(crate) fn member_up(&self, origin: Origin) {
        self.change(|tables, now| {
            if !self.has_ended() {
                tables.store.member_up(now, origin);
            }
        });
    }

    /// A member is down, or has left for good.
    pub(crate) fn member_down(&self, origin: &Origin, has_left: bool) {
        self.change(|tables, now| tables.store.member_down(now, origin, has_left));
    }

    /// The membership of this node was renewed after a false report.
    pub(crate) fn renewed(&self, renewal: u32) {
        self.change(|tables, _| tables.store.renewed(renewal));
    }

    /// A frame has arrived. One of an earlier session is ignored.
    pub(super) fn received(&self, frame: &ChannelFrame) {
        let from = &frame.from.name;
        self.apply(|tables, now| {
            let connected = tables.connected.get(from);
            if connected.is_some_and(|(_, session)| *session == frame.session) {
                tables.store.received(now, from, &frame.bytes);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ambit::System;

    use super::*;
    use crate::node::id::id;
    use crate::remote_processes::node_context::NodeContext;
    use crate::replica::frame::{Coverage, Frame};
    use crate::replica::store::Action;
    use crate::replication::acknowledged::Ended;
    use crate::rt;
    use crate::wire::Limits;

    fn replication() -> Replication {
        let node_context = NodeContext::new(id("a", 1), &System::current().unwrap());
        Replication::new(node_context, Duration::ZERO, &Limits::default(), 7)
    }

    fn origin(name: &str) -> Origin {
        let id = id(name, 1);
        Origin { id, renewal: 0 }
    }

    fn frame(session: u64, frame: &Frame) -> ChannelFrame {
        ChannelFrame {
            from: id("b", 1),
            session: SessionNumber(session),
            bytes: frame.encode(),
        }
    }

    fn closes(replication: &Replication) -> usize {
        let (actions, _) = replication.take_actions();
        let closes = actions.iter().map(|pending| &pending.action);
        closes
            .filter(|action| matches!(action, Action::Close { .. }))
            .count()
    }

    #[ambit::test]
    async fn a_wait_for_the_entries_of_all_members_ends_with_the_last_ones_or_the_node() {
        let replication = replication();
        assert_eq!(replication.all_received().await, Ok(()));
        let ack = Frame::Ack {
            version: 0,
            sender_version: 0,
        };
        replication.connected(&id("b", 1), SessionNumber(1));
        replication.member_up(origin("b"));
        let early = rt::timeout(Duration::from_secs(1), replication.all_received()).await;
        assert!(early.is_err(), "{early:?}");
        let acknowledge = async { replication.received(&frame(1, &ack)) };
        let (received, ()) = tokio::join!(replication.all_received(), acknowledge);
        assert_eq!(received, Ok(()));
        replication.connected(&id("b", 1), SessionNumber(2));
        let end = async { replication.end() };
        let (received, ()) = tokio::join!(replication.all_received(), end);
        assert_eq!(received, Err(Ended));
    }

    #[ambit::test]
    async fn an_answer_on_an_ended_session_does_not_close_the_next_one() {
        let replication = replication();
        let answer = Frame::Nothing {
            origin: origin("c"),
            coverage: Coverage::Complete,
        };
        replication.connected(&id("b", 1), SessionNumber(1));
        replication.disconnected(&id("b", 1));
        replication.connected(&id("b", 1), SessionNumber(2));
        replication.received(&frame(1, &answer));
        assert_eq!(closes(&replication), 0);
        replication.received(&frame(2, &answer));
        assert_eq!(closes(&replication), 1, "it was not asked for");
    }

    #[ambit::test]
    async fn answers_to_an_ended_session_are_not_sent_on_the_next_one() {
        let replication = replication();
        let request = Frame::Pull {
            origin: origin("c"),
            have: 0,
            full: None,
        };
        replication.connected(&id("b", 1), SessionNumber(1));
        replication.received(&frame(1, &request));
        replication.disconnected(&id("b", 1));
        replication.connected(&id("b", 1), SessionNumber(2));
        let (actions, _) = replication.take_actions();
        let sessions: Vec<_> = actions.iter().map(|pending| pending.session).collect();
        assert_eq!(sessions, [Some(SessionNumber(2))], "the announcement only");
    }
}
