//! The streams of the cluster in a session: one per [`Channel`] and direction, in addition to the lanes.
//!
//! A channel carries frames of bytes in order. Its queue is bounded: a frame that does not fit is dropped, and the
//! sender closes the gap with later frames. The state at the start of a session waits outside that bound, because
//! nothing would close its gaps. A slow reader of one channel delays neither the other channel nor the lanes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

use crate::node::id::NodeId;

/// The feature bit of nodes that take part in the membership of the cluster.
pub(crate) const CLUSTER: u64 = 1;

/// The number of bytes that the writer of a channel hands to the transport at once.
const BATCH: usize = 64 * 1024;

/// One of the streams of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The messages of the membership protocol.
    Gossip,
    /// The replicated entries of names, groups, topics and presence.
    Sync,
}

impl Channel {
    pub(crate) const ALL: [Self; 2] = [Self::Gossip, Self::Sync];

    /// Returns the first byte of the stream.
    pub(super) fn preamble(self) -> u8 {
        match self {
            Self::Gossip => 0x02,
            Self::Sync => 0x03,
        }
    }

    pub(super) fn of_preamble(preamble: u8) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|channel| channel.preamble() == preamble)
    }

    pub(super) fn priority(self) -> i32 {
        match self {
            Self::Gossip => 90,
            Self::Sync => 50,
        }
    }

    /// Returns the maximum length of a frame.
    pub(crate) fn max_frame(self) -> usize {
        match self {
            Self::Gossip => 64 * 1024,
            Self::Sync => 1024 * 1024,
        }
    }

    /// Returns the capacity of the queue in bytes.
    fn max_queued(self) -> usize {
        match self {
            Self::Gossip => 64 * 1024,
            Self::Sync => 8 * 1024 * 1024,
        }
    }
}

/// The number of a session, unique within its node. A node that reconnects has the same identity, but another session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionNumber(pub(crate) u64);

/// A frame received from another node. It may be handled after its session has ended.
#[derive(Debug)]
pub(crate) struct ChannelFrame {
    pub(crate) from: NodeId,
    pub(crate) session: SessionNumber,
    pub(crate) bytes: Bytes,
}

/// The receivers of the channels' frames, shared by all sessions of a node.
#[derive(Clone, Debug)]
pub(crate) struct ChannelInbox {
    pub(crate) gossip: mpsc::Sender<ChannelFrame>,
    pub(crate) sync: mpsc::Sender<ChannelFrame>,
}

impl ChannelInbox {
    pub(super) fn of(&self, channel: Channel) -> &mpsc::Sender<ChannelFrame> {
        match channel {
            Channel::Gossip => &self.gossip,
            Channel::Sync => &self.sync,
        }
    }
}

/// The channels of one session.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) session: SessionNumber,
    gossip: ChannelQueue,
    sync: ChannelQueue,
    pub(super) inbox: ChannelInbox,
}

impl Channels {
    pub(crate) fn new(session: SessionNumber, inbox: ChannelInbox) -> Self {
        Self {
            session,
            gossip: ChannelQueue::new(Channel::Gossip),
            sync: ChannelQueue::new(Channel::Sync),
            inbox,
        }
    }

    pub(crate) fn queue(&self, channel: Channel) -> &ChannelQueue {
        match channel {
            Channel::Gossip => &self.gossip,
            Channel::Sync => &self.sync,
        }
    }

    pub(super) fn close(&self) {
        for channel in Channel::ALL {
            self.queue(channel).close();
        }
    }
}

/// The frames of a channel that wait to be written.
#[derive(Debug)]
pub(crate) struct ChannelQueue {
    channel: Channel,
    waiting: Mutex<QueuedFrames>,
    pub(super) wake: Notify,
    /// The number of frames that did not fit.
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct QueuedFrames {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// The frames of the state at the start of the session. They do not count against the capacity.
    state: VecDeque<Bytes>,
    is_closed: bool,
}

impl ChannelQueue {
    fn new(channel: Channel) -> Self {
        Self {
            channel,
            waiting: Mutex::default(),
            wake: Notify::new(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Queues a frame. Returns false if it is not sent, because the queue is full or the session has ended.
    pub(crate) fn send(&self, frame: Bytes) -> bool {
        debug_assert!(
            frame.len() <= self.channel.max_frame(),
            "a frame is too long"
        );
        let mut waiting = self.waiting.lock();
        // A single frame always fits, so a long one is not refused forever.
        let fits =
            waiting.frames.is_empty() || waiting.bytes + frame.len() <= self.channel.max_queued();
        if waiting.is_closed || !fits {
            drop(waiting);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        waiting.bytes += frame.len();
        waiting.frames.push_back(frame);
        drop(waiting);
        self.wake.notify_one();
        true
    }

    /// Queues the frames of the state at the start of the session. None of them is dropped while the session lasts;
    /// the limit of members bounds their number.
    pub(crate) fn send_state(&self, frames: Vec<Bytes>) {
        let is_short = |frame: &Bytes| frame.len() <= self.channel.max_frame();
        debug_assert!(frames.iter().all(is_short), "a frame is too long");
        let mut waiting = self.waiting.lock();
        if !waiting.is_closed {
            waiting.state.extend(frames);
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// Returns the number of queued bytes.
    pub(crate) fn queued(&self) -> usize {
        let waiting = self.waiting.lock();
        let state = waiting.state.iter().map(Bytes::len);
        waiting.bytes + state.sum::<usize>()
    }

    /// Returns the number of frames that did not fit.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Takes queued frames, each with its length in front. A batch contains at most one frame of the state, so a long
    /// state does not delay all other frames.
    pub(super) fn batch(&self) -> Option<Bytes> {
        let mut waiting = self.waiting.lock();
        let mut out = BytesMut::new();
        if let Some(frame) = waiting.state.pop_front() {
            put_frame(&mut out, &frame);
        }
        while let Some(frame) = waiting.frames.front() {
            if !out.is_empty() && out.len() + frame.len() > BATCH {
                break;
            }
            put_frame(&mut out, frame);
            waiting.bytes -= frame.len();
            waiting.frames.pop_front();
        }
        (!out.is_empty()).then(|| out.freeze())
    }

    fn close(&self) {
        let mut waiting = self.waiting.lock();
        let ended = QueuedFrames {
            is_closed: true,
            ..QueuedFrames::default()
        };
        let frames = std::mem::replace(&mut *waiting, ended);
        drop(waiting);
        drop(frames);
        self.wake.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.waiting.lock().is_closed
    }
}

/// Writes a frame with its length in front.
fn put_frame(out: &mut BytesMut, frame: &Bytes) {
    out.put_u32_le(u32::try_from(frame.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(frame);
}

/// Takes the next complete frame.
///
/// # Errors
/// Fails with the announced length if it is above the limit of the channel.
pub(super) fn take_frame(bytes: &mut BytesMut, channel: Channel) -> Result<Option<Bytes>, usize> {
    let Some(prefix) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*prefix) as usize;
    if length > channel.max_frame() {
        return Err(length);
    }
    if bytes.len() < 4 + length {
        return Ok(None);
    }
    bytes.advance(4);
    Ok(Some(bytes.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_split() {
        let queue = ChannelQueue::new(Channel::Gossip);
        for length in [0, 1, 3, 300, 5_000] {
            assert!(queue.send(Bytes::from(vec![7; length])));
        }
        let sent = queue.batch().unwrap();
        assert!(queue.batch().is_none());
        for size in [1, 2, 7, 4_096] {
            let (mut bytes, mut lengths) = (BytesMut::new(), Vec::new());
            for chunk in sent.chunks(size) {
                bytes.extend_from_slice(chunk);
                while let Some(frame) = take_frame(&mut bytes, Channel::Gossip).unwrap() {
                    lengths.push(frame.len());
                }
            }
            assert_eq!(lengths, [0, 1, 3, 300, 5_000]);
        }
    }

    #[test]
    fn a_full_queue_refuses_and_counts() {
        let queue = ChannelQueue::new(Channel::Gossip);
        let frame = Bytes::from(vec![0; 40 * 1024]);
        assert!(queue.send(frame.clone()));
        assert!(!queue.send(frame.clone()));
        assert_eq!((queue.queued(), queue.dropped()), (40 * 1024, 1));
        queue.batch().unwrap();
        assert_eq!(queue.queued(), 0);
        assert!(queue.send(frame.clone()));
        queue.close();
        assert_eq!(queue.queued(), 0);
        assert!(!queue.send(frame));
    }

    /// Returns the lengths of the frames of a batch.
    fn lengths(batch: &[u8]) -> Vec<usize> {
        let (mut bytes, mut lengths) = (BytesMut::from(batch), Vec::new());
        while let Some(frame) = take_frame(&mut bytes, Channel::Gossip).unwrap() {
            lengths.push(frame.len());
        }
        lengths
    }

    #[test]
    fn no_frame_of_a_long_state_is_dropped_and_others_do_not_wait_for_its_end() {
        let queue = ChannelQueue::new(Channel::Gossip);
        let state = Bytes::from(vec![0; 32 * 1024]);
        queue.send_state(vec![state.clone(); 30]);
        assert!(queue.send(Bytes::from(vec![0; 100])));
        assert_eq!(queue.queued(), 30 * 32 * 1024 + 100);
        assert_eq!(lengths(&queue.batch().unwrap()), [32 * 1024, 100]);
        let batches = std::iter::from_fn(|| queue.batch());
        let rest: Vec<usize> = batches.flat_map(|batch| lengths(&batch)).collect();
        assert_eq!(rest, [32 * 1024; 29]);
        assert_eq!((queue.queued(), queue.dropped()), (0, 0));
        queue.send_state(vec![state.clone()]);
        queue.close();
        queue.send_state(vec![state]);
        assert_eq!(queue.queued(), 0);
    }

    #[test]
    fn an_announced_length_above_the_limit_is_refused() {
        let mut bytes = BytesMut::from(&u32::MAX.to_le_bytes()[..]);
        assert_eq!(
            take_frame(&mut bytes, Channel::Sync),
            Err(u32::MAX as usize)
        );
    }
}
