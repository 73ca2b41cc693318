//! What waits to be written to one lane.
//!
//! Everything of one pair of processes goes in the order in which it came. A message that is too long for one frame goes in
//! pieces, one per batch, between which everybody else's messages pass; only what follows it in its own pair waits.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::Shadow;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::codec::any::AnyCodec;
use crate::session::announced::{Announced, Told};
use crate::wire::{Frame, Limits, Local as Address, Outgoing};

/// The length in front of a frame, which it does not count.
const LENGTH: usize = 4;

/// The most room that is made before it is needed, in bytes: what is written is kept until the other node has it.
const ROOM: usize = 16 << 10;

/// Two processes, or what stands for none.
pub(crate) type Pair = (Option<Address>, Option<Address>);

pub(crate) struct Lane {
    queue: Mutex<Queue>,
    wake: Notify,
}

struct Queue {
    /// Frames that may go, ready to be written. It has no memory while there are none.
    ready: BytesMut,
    /// How much was ready the last time: so much room is made at once.
    usual: usize,
    told: Told,
    pieces: Outgoing,
    long: VecDeque<Long>,
    /// Bytes that are queued, or being written.
    bytes: usize,
    signals: usize,
    blocked: Vec<Weak<Shadow<AnyCodec>>>,
    closed: bool,
}

/// A message that is too long for one frame, and what waits for its end.
struct Long {
    pair: Pair,
    frame: Bytes,
    /// How many bytes of it are not in a batch yet.
    left: usize,
    /// Its number, once it has begun.
    begun: Option<u32>,
    behind: VecDeque<Bytes>,
}

/// What is written at once.
pub(crate) struct Batch {
    pub(crate) bytes: Bytes,
    /// How much of what is queued that is.
    pub(crate) counted: usize,
}

/// Why something was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    /// There are too many bytes; whoever waits is told when there are fewer.
    Full,
    Closed,
    /// There are too many signals, none of which may be lost.
    TooManySignals,
}

impl Lane {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            queue: Mutex::new(Queue {
                ready: BytesMut::new(),
                usual: 0,
                told: Told::default(),
                pieces: Outgoing::new(limits.clone()),
                long: VecDeque::new(),
                bytes: 0,
                signals: 0,
                blocked: Vec::new(),
                closed: false,
            }),
            wake: Notify::new(),
        }
    }

    /// Queues a message, unless there is no room for it.
    pub(crate) fn message(
        &self,
        pair: Pair,
        frame: &Frame<'_>,
        announced: &Announced,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        let mut queue = self.queue.lock();
        if !queue.closed && queue.bytes >= limits.queue {
            return Err(NotQueued::Full);
        }
        self.put(&mut queue, pair, frame, announced, limits)
    }

    /// Queues an answer, which is never refused: who asked has left room for it.
    pub(crate) fn answer(
        &self,
        pair: Pair,
        frame: &Frame<'_>,
        announced: &Announced,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        self.put(&mut self.queue.lock(), pair, frame, announced, limits)
    }

    /// Queues a signal.
    pub(crate) fn signal(
        &self,
        pair: Pair,
        frame: &Frame<'_>,
        announced: &Announced,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        let mut queue = self.queue.lock();
        queue.signals += 1;
        if queue.signals > limits.signals {
            return Err(NotQueued::TooManySignals);
        }
        self.put(&mut queue, pair, frame, announced, limits)
    }

    fn put(
        &self,
        queue: &mut Queue,
        pair: Pair,
        frame: &Frame<'_>,
        announced: &Announced,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        if queue.closed {
            return Err(NotQueued::Closed);
        }
        let before = queue.ready.len();
        if before == 0 {
            queue.ready.reserve(queue.usual);
        }
        announced.tell(&mut queue.told, &mut queue.ready);
        let defined = queue.ready.len();
        frame.encode(&mut queue.ready);
        queue.bytes += queue.ready.len() - before;
        let length = queue.ready.len() - defined;
        // The last one of the pair: whatever follows waits behind it.
        let ahead = queue.long.iter().rposition(|long| long.pair == pair);
        if let Some(ahead) = ahead {
            let frame = queue.ready.split_off(defined).freeze();
            queue.long[ahead].behind.push_back(frame);
        } else if length > limits.frame() + LENGTH {
            let frame = queue.ready.split_off(defined).freeze();
            queue.lengthen(pair, frame, VecDeque::new());
        }
        if before == 0 {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Something can go on when there is room.
    pub(crate) fn block(&self, shadow: &Arc<Shadow<AnyCodec>>) {
        let mut queue = self.queue.lock();
        let held = |known: &Weak<_>| std::ptr::eq(known.as_ptr(), Arc::as_ptr(shadow));
        if !queue.blocked.iter().any(held) {
            queue.blocked.push(Arc::downgrade(shadow));
        }
    }

    /// Waits until there may be something to write.
    pub(crate) async fn ready(&self) {
        self.wake.notified().await;
    }

    /// What is to be written next, if anything.
    pub(crate) fn batch(&self, limits: &Limits) -> Option<Batch> {
        let mut queue = self.queue.lock();
        queue.signals = 0;
        let mut bytes = std::mem::take(&mut queue.ready);
        queue.usual = bytes.len().min(ROOM);
        let counted = bytes.len() + queue.next_piece(&mut bytes, limits);
        let bytes = bytes.freeze();
        (!bytes.is_empty()).then_some(Batch { bytes, counted })
    }

    /// So much of what was counted has been written: whoever waited for room, if there is some.
    pub(crate) fn written(&self, counted: usize, limits: &Limits) -> Vec<Arc<Shadow<AnyCodec>>> {
        let mut queue = self.queue.lock();
        queue.bytes = queue.bytes.saturating_sub(counted);
        if queue.bytes > limits.queue / 2 {
            return Vec::new();
        }
        let blocked = std::mem::take(&mut queue.blocked);
        drop(queue);
        blocked.iter().filter_map(Weak::upgrade).collect()
    }

    /// Nothing more is queued; what is there is still written.
    pub(crate) fn finish(&self) {
        self.queue.lock().closed = true;
        self.wake.notify_one();
    }

    /// Nothing is queued any more, and what is there is dropped.
    pub(crate) fn close(&self) {
        let left = {
            let mut queue = self.queue.lock();
            queue.closed = true;
            queue.bytes = 0;
            let long = std::mem::take(&mut queue.long);
            (
                long,
                std::mem::take(&mut queue.ready),
                std::mem::take(&mut queue.blocked),
            )
        };
        drop(left);
        self.wake.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.lock().closed
    }

    /// How many bytes wait.
    pub(crate) fn queued(&self) -> usize {
        self.queue.lock().bytes
    }
}

impl Queue {
    fn lengthen(&mut self, pair: Pair, frame: Bytes, behind: VecDeque<Bytes>) {
        self.long.push_back(Long {
            pair,
            left: frame.len(),
            frame,
            begun: None,
            behind,
        });
    }

    /// Writes one piece of one long message, and what waited for it if it was the last; gives how much of what was
    /// counted that is.
    fn next_piece(&mut self, batch: &mut BytesMut, limits: &Limits) -> usize {
        for long in self.long.iter_mut().filter(|long| long.begun.is_none()) {
            // Longer than any message is none: its size was checked when it was written.
            match self.pieces.start(&long.frame) {
                Ok(Some(id)) => long.begun = Some(id),
                Ok(None) | Err(_) => break,
            }
        }
        let Some(piece) = self.pieces.write(batch) else {
            return 0;
        };
        let is_done = |long: &Long| long.begun == Some(piece.id);
        let Some(done) = self.long.iter().position(is_done) else {
            return 0;
        };
        if !piece.last {
            let counted = self.long[done].left.min(limits.chunk);
            self.long[done].left -= counted;
            return counted;
        }
        let Some(mut long) = self.long.remove(done) else {
            return 0;
        };
        let mut counted = long.left;
        while let Some(frame) = long.behind.pop_front() {
            if frame.len() > limits.frame() + LENGTH {
                self.lengthen(long.pair, frame, long.behind);
                break;
            }
            counted += frame.len();
            batch.extend_from_slice(&frame);
        }
        counted
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lane({} bytes)", self.queued())
    }
}
