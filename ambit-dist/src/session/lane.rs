//! What waits to be written to one lane.
//!
//! Everything of one pair of processes goes in the order in which it came. A message that is too long for one frame goes in
//! pieces, one per batch, between which everybody else's messages pass; only what follows it in its own pair waits. So that
//! they do pass, what goes in pieces does not take the room of what goes whole.

mod room;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::RemoteProxy;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::codec::any::AnyCodec;
use crate::session::announced::{Announced, Told};
use crate::session::lane::room::Room;
pub(crate) use crate::session::lane::room::{Counted, Sort};
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
    whole: Room,
    in_pieces: Room,
    signals: usize,
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
    pub(crate) counted: Counted,
}

/// Why something was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    /// There are too many bytes of this sort; whoever waits is told when there are fewer.
    Full(Sort),
    /// The other node has too much of the long messages of the session.
    TooLong,
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
                whole: Room::default(),
                in_pieces: Room::default(),
                signals: 0,
                closed: false,
            }),
            wake: Notify::new(),
        }
    }

    /// Queues a message with a payload of so many bytes, unless there is no room for it. `may_go` is asked last, and takes
    /// what it needs.
    pub(crate) fn message(
        &self,
        pair: Pair,
        frame: &Frame<'_>,
        payload: usize,
        may_go: impl FnOnce() -> bool,
        (announced, limits): (&Announced, &Limits),
    ) -> Result<(), NotQueued> {
        let mut queue = self.queue.lock();
        if !queue.closed {
            queue.admit(pair, payload, limits)?;
            if !may_go() {
                return Err(NotQueued::TooLong);
            }
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
        let length = queue.ready.len() - defined;
        if let Some(ahead) = queue.ahead(pair) {
            let frame = queue.ready.split_off(defined).freeze();
            queue.in_pieces.bytes += length;
            queue.long[ahead].behind.push_back(frame);
        } else if length > limits.frame() + LENGTH {
            let frame = queue.ready.split_off(defined).freeze();
            queue.in_pieces.bytes += length;
            queue.lengthen(pair, frame, VecDeque::new());
        }
        queue.whole.bytes += queue.ready.len() - before;
        if before == 0 {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Something can go on when there is room of this sort; false if there is by now.
    pub(crate) fn block(
        &self,
        sort: Sort,
        proxy: &Arc<RemoteProxy<AnyCodec>>,
        limits: &Limits,
    ) -> bool {
        let mut queue = self.queue.lock();
        match sort {
            Sort::Whole => queue.whole.block(proxy, limits),
            Sort::InPieces => queue.in_pieces.block(proxy, limits),
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
        let counted = Counted {
            whole: bytes.len(),
            in_pieces: queue.next_piece(&mut bytes, limits),
        };
        let bytes = bytes.freeze();
        (!bytes.is_empty()).then_some(Batch { bytes, counted })
    }

    /// So much of what was counted has been written: whoever waited for room, if there is some.
    pub(crate) fn written(
        &self,
        counted: Counted,
        limits: &Limits,
    ) -> Vec<Arc<RemoteProxy<AnyCodec>>> {
        let mut queue = self.queue.lock();
        let mut blocked = queue.whole.written(counted.whole, limits);
        blocked.extend(queue.in_pieces.written(counted.in_pieces, limits));
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
            (
                std::mem::take(&mut queue.long),
                std::mem::take(&mut queue.ready),
                std::mem::take(&mut queue.whole),
                std::mem::take(&mut queue.in_pieces),
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
        let queue = self.queue.lock();
        queue.whole.bytes + queue.in_pieces.bytes
    }
}

impl Queue {
    /// Whether there is room for a message. One that may go in pieces, which its payload says nearly, must find both.
    fn admit(&self, pair: Pair, payload: usize, limits: &Limits) -> Result<(), NotQueued> {
        if self.whole.is_full(limits) {
            return Err(NotQueued::Full(Sort::Whole));
        }
        let is_long = payload > limits.chunk || self.ahead(pair).is_some();
        if is_long && self.in_pieces.is_full(limits) {
            return Err(NotQueued::Full(Sort::InPieces));
        }
        Ok(())
    }

    /// The last long message of the pair: whatever follows waits behind it.
    fn ahead(&self, pair: Pair) -> Option<usize> {
        if self.long.is_empty() {
            return None;
        }
        let is_ahead = |long: &Long| long.pair == pair;
        self.long.iter().rposition(is_ahead)
    }

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
