//! The task of the membership: it feeds events to the core and performs the resulting actions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::membership::core::{Action, Core};
use crate::membership::event::{MemberEvent, MemberLoss};
use crate::membership::view::MembershipView;
use crate::node::id::{NodeId, NodeName};
use crate::node::shared::Shared;
use crate::rt::{self, Instant};
use crate::session::channels::{Channel, ChannelFrame, ChannelInbox, ChannelQueue};

/// An event from the task of the node.
#[derive(Debug)]
pub(crate) enum MembershipInput {
    /// A session with a node that takes part in the membership has opened.
    Connected(NodeId),
    /// Such a session has ended; whether the node left and announced it.
    Disconnected(NodeId, bool),
    Refuse(NodeName),
    Readmit(NodeName),
    Leave,
}

/// A request of the membership to the task of the node, about its connections.
#[derive(Debug)]
pub(crate) enum DialRequest {
    /// Keep dialling a member until it is connected.
    Want {
        name: NodeName,
        addresses: Vec<SocketAddr>,
    },
    /// Stop dialling a member that is gone for good.
    Forget(NodeName),
    /// Refuse earlier incarnations of a node than this one.
    Learned(NodeId),
    /// Forget the incarnation that the membership has reported.
    Forgotten(NodeName),
}

/// The channels of the task.
pub(crate) struct MembershipChannels {
    pub(crate) inputs: mpsc::UnboundedReceiver<MembershipInput>,
    pub(crate) gossip: mpsc::Receiver<ChannelFrame>,
    pub(crate) dials: mpsc::UnboundedSender<DialRequest>,
}

/// The other ends of the channels, for the task of the node.
pub(crate) struct MembershipLink {
    pub(crate) inputs: mpsc::UnboundedSender<MembershipInput>,
    pub(crate) dials: mpsc::UnboundedReceiver<DialRequest>,
    pub(crate) inbox: ChannelInbox,
}

struct Runner {
    shared: Arc<Shared>,
    core: Core,
    start: Instant,
    dials: mpsc::UnboundedSender<DialRequest>,
    /// The renewal of this node that the replication knows.
    renewal: u32,
}

/// Ends the view at the end of the task, even if its runtime shuts down.
struct EndViewOnDrop(Arc<MembershipView>);

impl Drop for EndViewOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Runs the membership until the task of the node has ended, which may be before the first poll.
pub(crate) fn run(
    shared: Arc<Shared>,
    core: Core,
    channels: MembershipChannels,
) -> impl Future<Output = ()> + Send {
    let end = EndViewOnDrop(shared.membership.clone());
    async move {
        handle_inputs(shared, core, channels).await;
        drop(end);
    }
}

async fn handle_inputs(shared: Arc<Shared>, core: Core, channels: MembershipChannels) {
    let MembershipChannels {
        mut inputs,
        mut gossip,
        dials,
    } = channels;
    let mut runner = Runner {
        shared,
        core,
        start: rt::now(),
        dials,
        renewal: 0,
    };
    loop {
        let wake = runner.core.deadline().map(|due| runner.start + due);
        // What has arrived is read before a timer runs: it may be the answer that the timer misses.
        tokio::select! {
            biased;
            input = inputs.recv() => match input {
                Some(input) => runner.handle(input),
                None => return,
            },
            Some(ChannelFrame { from, bytes, .. }) = gossip.recv() => {
                let now = runner.now();
                // A frame of an earlier session is as good as one that was delayed.
                runner.core.received(now, &from, bytes);
            }
            () = rt::sleep_until(wake.unwrap_or_else(rt::now)), if wake.is_some() => {
                let now = runner.now();
                runner.core.timer(now);
            }
        }
        runner.act();
    }
}

impl Runner {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn handle(&mut self, input: MembershipInput) {
        let now = self.now();
        match input {
            MembershipInput::Connected(peer) => {
                let own = self.shared.node_context.id();
                self.core.connected(now, own, &peer);
            }
            MembershipInput::Disconnected(peer, has_left) => {
                self.core.disconnected(now, &peer, has_left);
            }
            MembershipInput::Refuse(name) => self.core.refuse(now, &name),
            MembershipInput::Readmit(name) => self.core.readmit(now, &name),
            MembershipInput::Leave => self.core.leave(),
        }
    }

    /// Calls a function with the gossip queue of the session with a node, if there is one.
    fn with_queue(&self, to: &NodeName, send: impl FnOnce(&ChannelQueue)) {
        let session = self.shared.session(to);
        if let Some(channels) = session.as_ref().and_then(|session| session.channels()) {
            send(channels.queue(Channel::Gossip));
        }
    }

    /// Performs all pending actions.
    fn act(&mut self) {
        let mut events = Vec::new();
        if let Some(own) = self.core.own()
            && own.renewal > self.renewal
        {
            self.renewal = own.renewal;
            self.shared.replication.renewed(own.renewal);
        }
        for action in self.core.take_actions() {
            events.extend(self.perform(action));
        }
        // Last, so that the names of a member that the view lists are already present, and a receiver of an event finds
        // the state that the event reports.
        let view = &self.shared.membership;
        view.replace(self.core.members());
        view.set_late_timers(self.core.late_timers());
        view.set_cut_off(self.core.is_cut_off);
        for event in events {
            view.subscribers.emit(&event);
        }
    }

    /// Performs one action, and returns the event that reports it.
    fn perform(&self, action: Action) -> Option<MemberEvent> {
        let replication = &self.shared.replication;
        match action {
            // A full queue drops the frame, and the protocol notices the stuck path.
            Action::Send { to, frame } => self.with_queue(&to, |queue| {
                queue.send(frame);
            }),
            Action::SendState { to, frames } => {
                self.with_queue(&to, |queue| queue.send_state(frames));
            }
            Action::Close { peer, code, text } => {
                tracing::warn!(node = %self.shared.node_context.id(), %peer, text, "a member violates the protocol of the membership");
                if let Some(session) = self.shared.session(&peer) {
                    session.close(code, text);
                }
            }
            Action::Want(member) => {
                let (name, addresses) = (member.id.name, member.profile.addresses.clone());
                // The send fails once the node has ended.
                self.dials.send(DialRequest::Want { name, addresses }).ok();
            }
            Action::Forget(name) => {
                self.dials.send(DialRequest::Forget(name)).ok();
            }
            Action::Learned(node) => {
                self.dials.send(DialRequest::Learned(node)).ok();
            }
            Action::Forgotten(name) => {
                self.dials.send(DialRequest::Forgotten(name)).ok();
            }
            Action::Up(member) => {
                tracing::info!(node = %self.shared.node_context.id(), member = %member.id, "a member joined");
                replication.member_up(member.origin());
                return Some(MemberEvent::Up { node: member.id });
            }
            Action::Renewed(member) => replication.member_up(member.origin()),
            Action::Down(member, reason) => {
                let node = member.id.clone();
                tracing::info!(node = %self.shared.node_context.id(), member = %node, ?reason, "a member is gone");
                let has_ended = matches!(reason, MemberLoss::Left | MemberLoss::Restarted);
                replication.member_down(&member.origin(), has_ended);
                return Some(MemberEvent::Down { node, reason });
            }
        }
        None
    }
}
