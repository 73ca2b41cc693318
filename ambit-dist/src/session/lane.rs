//! The frames that wait to be written to one lane.
//!
//! Frames of one pair of processes are written in order. A message that is too long for one frame is split into
//! fragments, one per batch, and messages of other pairs pass between them; only later messages of its own pair wait.
//! Fragmented messages do not use the capacity of whole ones, so that these can pass.

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

/// The size of the length field before a frame, which the length does not include.
const LENGTH: usize = 4;

/// The maximum number of bytes to reserve in advance: written memory is kept until the other node has received it.
const ROOM: usize = 16 << 10;

/// Two processes; `None` if there is no process.
pub(crate) type Pair = (Option<Address>, Option<Address>);

pub(crate) struct Lane {
    queue: Mutex<Queue>,
    wake: Notify,
}

struct Queue {
    /// Encoded frames that can be written now. It holds no memory while it is empty.
    ready: BytesMut,
    /// The size of the last batch: this much is reserved at once.
    usual: usize,
    told: Told,
    pieces: Outgoing,
    long: VecDeque<Long>,
    whole: Room,
    in_pieces: Room,
    signals: usize,
    closed: bool,
}

/// A message that is too long for one frame, and the frames that wait for its end.
struct Long {
    pair: Pair,
    frame: Bytes,
    /// The number of its bytes that are not in a batch yet.
    left: usize,
    /// Its number, once it has started.
    begun: Option<u32>,
    behind: VecDeque<Bytes>,
}

/// The bytes of one write.
pub(crate) struct Batch {
    pub(crate) bytes: Bytes,
    /// The part of the queued bytes that the batch contains.
    pub(crate) counted: Counted,
}

/// Why a frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    /// Too many bytes of this sort are queued. Waiting proxies are notified when there are fewer.
    Full(Sort),
    /// The session lacks credits for this long message.
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

    /// Queues a message with a payload of this many bytes, unless there is no capacity for it. `may_go` is called last,
    /// and takes the credits that it needs.
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

    /// Queues an answer. It is never refused, because its caller has left capacity for it.
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

    /// Registers a proxy to continue when there is capacity of this sort. Returns false if there is capacity by now.
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

    /// Waits until there may be frames to write.
    pub(crate) async fn ready(&self) {
        self.wake.notified().await;
    }

    /// Takes the next batch to write, if there is one.
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

    /// Subtracts written bytes. Returns the proxies that waited for capacity, if there is enough now.
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

    /// Rejects further frames; queued frames are still written.
    pub(crate) fn finish(&self) {
        self.queue.lock().closed = true;
        self.wake.notify_one();
    }

    /// Rejects further frames, and drops the queued ones.
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

    /// Returns the number of queued bytes.
    pub(crate) fn queued(&self) -> usize {
        let queue = self.queue.lock();
        queue.whole.bytes + queue.in_pieces.bytes
    }
}

impl Queue {
    /// Checks the capacity for a message. A message that may be fragmented, which its payload size nearly determines,
    /// needs capacity of both sorts.
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

    /// Returns the last long message of the pair. All later frames of the pair wait behind it.
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

    /// Writes one fragment of a long message and, if it was the last, the frames that waited for it. Returns how many
    /// of the counted bytes these are.
    fn next_piece(&mut self, batch: &mut BytesMut, limits: &Limits) -> usize {
        for long in self.long.iter_mut().filter(|long| long.begun.is_none()) {
            // No message is too long for this: its size was checked when it was written.
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
