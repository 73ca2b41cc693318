//! Starts the membership of a node.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::membership::core::{Core, CoreSettings, MAX_MEMBERS};
use crate::membership::member_id::{MAX_ADDRESSES, MAX_TAG_BYTES, Profile};
use crate::membership::run::{self, MembershipChannels, MembershipLink};
use crate::membership::swim::SwimSettings;
use crate::node::error::NodeError;
use crate::node::shared::Shared;
use crate::session::channels::{ChannelFrame, ChannelInbox};
use crate::transport::BoxFuture;

/// The capacity of the queue of frames on each channel of the cluster.
const FRAMES: usize = 256;

impl Profile {
    /// Adds the addresses of the node, and checks the length of its role and tags.
    ///
    /// # Errors
    /// Fails if the role and tags are too long.
    pub(crate) fn complete(mut self, addresses: &[SocketAddr]) -> Result<Self, NodeError> {
        self.addresses = addresses.iter().copied().take(MAX_ADDRESSES).collect();
        let (bytes, limit) = (self.tag_bytes(), MAX_TAG_BYTES);
        if bytes > limit {
            return Err(NodeError::Tags { bytes, limit });
        }
        Ok(self)
    }
}

/// The membership of a node that starts.
pub(crate) struct StartedMembership {
    pub(crate) link: MembershipLink,
    /// The task, for the task of the node.
    pub(crate) task: BoxFuture<'static, ()>,
    /// The received frames of replicated entries.
    pub(crate) sync_frames: mpsc::Receiver<ChannelFrame>,
}

/// Creates the task of the membership and its channels.
pub(crate) fn start(shared: &Arc<Shared>, seed: u64) -> StartedMembership {
    let (gossip, gossip_frames) = mpsc::channel(FRAMES);
    let (sync, sync_frames) = mpsc::channel(FRAMES);
    let (inputs, events) = mpsc::unbounded_channel();
    let (dials, requests) = mpsc::unbounded_channel();
    let settings = CoreSettings {
        swim: SwimSettings::every(shared.timeouts.probe),
        max_members: MAX_MEMBERS,
        seed,
    };
    let channels = MembershipChannels {
        inputs: events,
        gossip: gossip_frames,
        dials,
    };
    let core = Core::new(Profile::clone(&shared.profile), settings);
    let link = MembershipLink {
        inputs,
        dials: requests,
        inbox: ChannelInbox { gossip, sync },
    };
    StartedMembership {
        link,
        task: Box::pin(run::run(shared.clone(), core, channels)),
        sync_frames,
    }
}
