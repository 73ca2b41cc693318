//! Casts to all members of a group.

use std::marker::PhantomData;
use std::sync::{Arc, Weak};

use ambit::message::{AnswerAs, Answering, Clash, DecodeError, In, Remote, Wire};
use ambit::process::Pid;

use super::handle::Groups;
use super::key::GroupKey;
use super::send::Copied;
use super::state::ClusterGroups;
use crate::codecs::any::AnyCodec;
use crate::node::id::{NodeId, NodeName};
use crate::remote_processes::service::{self, NodeMethod};

/// The protocol of copies to the members of a group.
const CAST: &str = "ambit.groups";

impl Groups {
    /// Sends a cast to every member of the group `name` without waiting, and returns the number of members to which it
    /// was sent. (Elixir: `Phoenix.PubSub.broadcast/3` over `pg`.)
    ///
    /// The cast is encoded once for each codec in use, or once for each node if it contains handles. Each other node
    /// with members receives one copy, which it delivers to its members. A member of this node with a full mailbox is
    /// skipped and not counted. All members of another node are counted if the copy was sent, although that node skips
    /// members with full mailboxes. A process that has joined twice receives the cast twice. Broadcasts of one process
    /// arrive at each member in the order in which they were sent; a message that the process sends to a member itself
    /// may overtake them.
    ///
    /// # Slow nodes
    /// Up to 4 MiB of unconfirmed copies may be on their way to a node, or a single longer copy. Each copy counts as its
    /// encoded size plus 256 bytes. Further copies to that node are dropped and counted by [`dropped`](Self::dropped);
    /// other nodes are not delayed. Copies to a node without a connection, and copies that cannot be encoded, are dropped
    /// and counted too. After this node has ended, only local members receive the cast.
    pub fn broadcast<P>(&self, name: &str, cast: P::Cast) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        self.broadcast_from::<P>(Pid::NOBODY, name, cast)
    }

    /// Like [`broadcast`](Self::broadcast), but skips the process `from`. If `from` is a member on another node, the
    /// returned number still includes it, because all members of a node are counted when its copy is sent.
    pub fn broadcast_from<P>(&self, from: Pid, name: &str, cast: P::Cast) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        let key = self.key::<P>(name);
        let own = self.groups.replication.node_context.id();
        let others = self.groups.index.others(&key, own);
        let delivered = self.groups.deliver::<P>(&key, from, &cast);
        delivered + self.send_cast::<P>(&key, others, from, &cast)
    }

    /// Sends a cast to the members of the group `name` on one node without waiting, and returns the number of members to
    /// which it was sent, as [`broadcast`](Self::broadcast) counts them. Sends nothing if the node is unknown or has no
    /// members of the group. (Elixir: `Phoenix.PubSub.direct_broadcast/4`.)
    pub fn direct_broadcast<P>(&self, node: impl AsRef<str>, name: &str, cast: P::Cast) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        let (node, key) = (node.as_ref(), self.key::<P>(name));
        let own = self.groups.replication.node_context.id();
        if node == own.name.as_str() {
            return self.groups.deliver::<P>(&key, Pid::NOBODY, &cast);
        }
        let mut others = self.groups.index.others(&key, own);
        others.retain(|(other, _)| other.name.as_str() == node);
        self.send_cast::<P>(&key, others, Pid::NOBODY, &cast)
    }

    /// Sends a copy of a cast to each of these nodes, and returns the number of members there.
    fn send_cast<P>(
        &self,
        key: &GroupKey,
        others: Vec<(NodeId, usize)>,
        from: Pid,
        cast: &P::Cast,
    ) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        let (Some(shared), false) = (self.shared.upgrade(), others.is_empty()) else {
            return 0;
        };
        let protocol = match self.groups.protocols.get::<P>(CAST) {
            Ok(protocol) => protocol,
            Err(clash) => {
                tracing::error!(%clash, "a cast cannot be sent to other nodes");
                return 0;
            }
        };
        // No other process can be a member on another node.
        let is_elsewhere = self.groups.replication.node_context.is_elsewhere(from);
        let excluded = is_elsewhere.then_some(from);
        let copied = Copied::<P> {
            protocol: &protocol,
            cast,
        };
        self.groups.send_copies(&shared, others, &copied, |out| {
            key.scope.to_string().put(out)?;
            key.name.to_string().put(out)?;
            excluded.put(out)
        })
    }

    /// Sends a cast to the members of the group `name` on this node without waiting, and returns the number of members
    /// to which it was sent.
    pub fn local_broadcast<P>(&self, name: &str, cast: P::Cast) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        let key = self.key::<P>(name);
        self.groups.deliver::<P>(&key, Pid::NOBODY, &cast)
    }

    /// Returns how many copies of casts and topic messages for `node` were lost since this node started: those that
    /// this node dropped, and those that `node` did not confirm. Counts all topics and groups together. Of nodes
    /// without a connection, at least the last 1,024 with lost copies are remembered.
    #[must_use]
    pub fn dropped(&self, node: &NodeName) -> u64 {
        self.groups.copies.dropped(node)
    }
}

impl ClusterGroups {
    /// Sends a cast to the members of this node, except `from`. Returns their number.
    fn deliver<P>(&self, key: &GroupKey, from: Pid, cast: &P::Cast) -> usize
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        let own = self.replication.node_context.id();
        let members = self.index.members_on(key, own).into_iter();
        let members = members.filter_map(|member| member.subject::<P>(&self.replication));
        let meant = members.filter(|member| member.pid() != from);
        let sent = meant.filter(|member| member.send(cast.clone()).now().is_ok());
        sent.count()
    }

    /// Lets other nodes send casts of this protocol to the members of this node.
    ///
    /// # Errors
    /// Fails if two types behind the protocol have the same name.
    pub(super) fn serve_casts<P>(self: &Arc<Self>) -> Result<(), Clash>
    where
        P: Remote<Cast: Clone> + ?Sized,
    {
        self.protocols.serve::<P>(CAST, |protocol| {
            for (cast, method) in protocol.methods() {
                let receiver = CastReceiver::<P> {
                    groups: Arc::downgrade(self),
                    cast,
                    protocol: PhantomData,
                };
                let sink = service::sink(protocol.binding.clone(), receiver);
                self.replication.node_context.services.serve(method, sink);
            }
        })
    }
}

/// Delivers the copies of one cast of `P` to the members of this node.
struct CastReceiver<P: ?Sized> {
    groups: Weak<ClusterGroups>,
    /// The tag of the cast.
    cast: u32,
    protocol: PhantomData<fn(&P)>,
}

impl<P> NodeMethod for CastReceiver<P>
where
    P: Remote<Cast: Clone> + ?Sized,
{
    const PROTOCOL: &'static str = CAST;

    fn ask(
        &self,
        mut input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        let codec = input.codec();
        let scope = String::take(&mut input)?;
        let name = String::take(&mut input)?;
        let from = <Option<Pid> as Wire>::take(&mut input)?;
        let cast = P::take_cast(self.cast, input)?;
        let delivered = self.groups.upgrade().map_or(0, |groups| {
            let key = GroupKey::new(&scope.into(), &name, P::REMOTE);
            groups.deliver::<P>(&key, from.unwrap_or(Pid::NOBODY), &cast)
        });
        let answer = answer.write(codec, &(delivered as u64));
        Ok(Answering::of(std::future::ready(
            answer.map_err(Into::into),
        )))
    }
}
