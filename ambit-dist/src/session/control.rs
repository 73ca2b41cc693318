//! The frames that wait to be written to the control stream: credits, heartbeats, and the notification that a node
//! leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::rt::{self, Instant};
use crate::session::stats::Stats;
use crate::wire::{Frame, ProcessAddress as Address, WireError};

/// The interval of heartbeats, and the number of heartbeats that may be missed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) every: Duration,
    pub(crate) missed: u32,
}

/// The frames that wait to be written to the control stream.
#[derive(Default)]
pub(crate) struct Control {
    waiting: Mutex<QueuedControl>,
    wake: Notify,
    nonces: AtomicU64,
    rtt_micros: AtomicU64,
}

#[derive(Default)]
struct QueuedControl {
    credits: BTreeMap<Address, u32>,
    /// The ended processes for which the other node may keep a credit window.
    ended: BTreeSet<Address>,
    pongs: Vec<u64>,
    /// The pings that wait for an answer, and their start times.
    pings: BTreeMap<u64, (Instant, Option<oneshot::Sender<Duration>>)>,
    new_pings: Vec<u64>,
    goaway: GoAway,
    /// True if this node has taken all messages of the other node, which leaves.
    finishes: bool,
}

/// Whether the other node has been notified that this one leaves.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum GoAway {
    #[default]
    Absent,
    Waiting,
    Taken,
}

/// The maximum number of pings of one node that may wait for their pongs.
const MAX_PINGS: usize = 1_024;

impl Control {
    /// Allows the other node to send this many more messages to a process.
    pub(crate) fn credit(&self, to: Address, count: u32) {
        *self.waiting.lock().credits.entry(to).or_default() += count;
        self.wake.notify_one();
    }

    /// Allows the other node to forget the credit window of a process that has ended.
    pub(crate) fn ended(&self, process: Address) {
        self.waiting.lock().ended.insert(process);
        self.wake.notify_one();
    }

    /// Returns whether credits wait to be written.
    pub(super) fn has_credits(&self) -> bool {
        !self.waiting.lock().credits.is_empty()
    }

    /// Pings the other node. The receiver yields the round-trip time. Returns `None` if too many pings wait for their
    /// answers.
    pub(crate) fn ping(&self) -> Option<oneshot::Receiver<Duration>> {
        let (sender, receiver) = oneshot::channel();
        self.send_ping(Some(sender)).then_some(receiver)
    }

    /// Queues a ping. Returns false, and sends nothing, if too many pings wait for their answers.
    pub(super) fn send_ping(&self, sender: Option<oneshot::Sender<Duration>>) -> bool {
        let nonce = self.nonces.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting.lock();
        if waiting.pings.len() >= MAX_PINGS {
            return false;
        }
        waiting.pings.insert(nonce, (rt::now(), sender));
        waiting.new_pings.push(nonce);
        drop(waiting);
        self.wake.notify_one();
        true
    }

    /// Notifies the other node that this one leaves.
    pub(crate) fn go_away(&self) {
        self.waiting.lock().goaway = GoAway::Waiting;
        self.wake.notify_one();
    }

    /// Ends the stream if this node leaves, after the notification of that. If the other node leaves as well, the end
    /// of the stream confirms that this node has taken all of its messages.
    pub(super) fn finish(&self) {
        self.waiting.lock().finishes = true;
        self.wake.notify_one();
    }

    /// Returns whether the stream ends after the frames that have been taken.
    pub(super) fn is_finished(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.finishes && waiting.goaway == GoAway::Taken
    }

    /// Returns the round-trip time of the last ping.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        match self.rtt_micros.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    /// Waits until there may be frames to write.
    pub(super) async fn ready(&self) {
        self.wake.notified().await;
    }

    /// Takes the frames to write now.
    pub(super) fn frames(&self, stats: &Stats) -> BytesMut {
        let mut out = BytesMut::new();
        let mut put = |frame: Frame<'_>| {
            frame.encode(&mut out);
            stats.frame_out(frame.kind());
        };
        let mut waiting = self.waiting.lock();
        for (to, count) in std::mem::take(&mut waiting.credits) {
            put(Frame::Credit { to, count });
        }
        for to in std::mem::take(&mut waiting.ended) {
            put(Frame::Credit { to, count: 0 });
        }
        for nonce in std::mem::take(&mut waiting.pongs) {
            put(Frame::Pong { nonce });
        }
        for nonce in std::mem::take(&mut waiting.new_pings) {
            put(Frame::Ping { nonce });
        }
        if waiting.goaway == GoAway::Waiting {
            waiting.goaway = GoAway::Taken;
            put(Frame::GoAway);
        }
        out
    }

    /// Queues the answer to a ping of the other node.
    ///
    /// # Errors
    /// Fails if too many pings wait for their answers.
    pub(super) fn answer_ping(&self, nonce: u64) -> Result<(), WireError> {
        let mut waiting = self.waiting.lock();
        if waiting.pongs.len() >= MAX_PINGS {
            let (what, limit) = ("pings", MAX_PINGS);
            return Err(WireError::TooMany { what, limit });
        }
        waiting.pongs.push(nonce);
        drop(waiting);
        self.wake.notify_one();
        Ok(())
    }

    /// Handles the answer to a ping of this node.
    pub(super) fn pong(&self, nonce: u64) {
        let found = self.waiting.lock().pings.remove(&nonce);
        let Some((since, sender)) = found else { return };
        let took = since.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.rtt_micros.store(micros.max(1), Ordering::Relaxed);
        if let Some(sender) = sender {
            sender.send(took).ok();
        }
    }
}
