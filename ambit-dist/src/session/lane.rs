//! The frames that wait to be written to one lane.
//!
//! Frames of one pair of processes are written in order. A message that is too long for one frame is split into
//! fragments, one per batch. Messages of other pairs may pass between the fragments; only later messages of the same
//! pair wait. Fragmented messages have separate capacity, so that whole ones can pass them.

mod capacity;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::distribution::RemoteProxy;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::codecs::any::AnyCodec;
use crate::session::definition_table::{SentDefinitions, WrittenDefinitions};
use crate::session::lane::capacity::LaneCapacity;
pub(crate) use crate::session::lane::capacity::{ByteClass, ByteCounts};
use crate::wire::{Frame, Limits, Outgoing, ProcessAddress as Address};

/// The size of the length field before a frame, which the length does not include.
const LENGTH: usize = 4;

/// The maximum number of bytes to reserve in advance: written memory is kept until the other node has received it.
const MAX_RESERVED: usize = 16 << 10;

/// Two processes; `None` if there is no process.
pub(crate) type ProcessPair = (Option<Address>, Option<Address>);

pub(crate) struct Lane {
    queue: Mutex<LaneQueue>,
    wake: Notify,
}

struct LaneQueue {
    /// Encoded frames that can be written now. It holds no memory while it is empty.
    ready: BytesMut,
    /// The size of the last batch: this much is reserved at once.
    usual: usize,
    written: WrittenDefinitions,
    pieces: Outgoing,
    long: VecDeque<LongMessage>,
    whole: LaneCapacity,
    in_pieces: LaneCapacity,
    signals: usize,
    closed: bool,
}

/// A message that is too long for one frame, and the frames that wait for its end.
struct LongMessage {
    pair: ProcessPair,
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
    pub(crate) counted: ByteCounts,
}

/// Why a frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    /// Too many bytes of this class are queued. Waiting proxies are notified when capacity is free again.
    Full(ByteClass),
    /// The session lacks credits for this long message.
    TooLong,
    Closed,
    /// Too many signals are queued. None of them may be lost, so the session ends.
    TooManySignals,
}

impl Lane {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            queue: Mutex::new(LaneQueue {
                ready: BytesMut::new(),
                usual: 0,
                written: WrittenDefinitions::default(),
                pieces: Outgoing::new(limits.clone()),
                long: VecDeque::new(),
                whole: LaneCapacity::default(),
                in_pieces: LaneCapacity::default(),
                signals: 0,
                closed: false,
            }),
            wake: Notify::new(),
        }
    }

    /// Queues a message with a payload of this many bytes, unless the lane has no capacity for it. `may_go` is called
    /// last; it takes the credits that the message needs.
    pub(crate) fn message(
        &self,
        pair: ProcessPair,
        frame: &Frame<'_>,
        payload: usize,
        may_go: impl FnOnce() -> bool,
        (sent_definitions, limits): (&SentDefinitions, &Limits),
    ) -> Result<(), NotQueued> {
        let mut queue = self.queue.lock();
        if !queue.closed {
            queue.admit(pair, payload, limits)?;
            if !may_go() {
                return Err(NotQueued::TooLong);
            }
        }
        self.put(&mut queue, pair, frame, sent_definitions, limits)
    }

    /// Queues an answer. An answer is never refused for lack of capacity, because the caller of this method has checked
    /// the capacity.
    pub(crate) fn answer(
        &self,
        pair: ProcessPair,
        frame: &Frame<'_>,
        sent_definitions: &SentDefinitions,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        self.put(
            &mut self.queue.lock(),
            pair,
            frame,
            sent_definitions,
            limits,
        )
    }

    /// Queues a signal.
    pub(crate) fn signal(
        &self,
        pair: ProcessPair,
        frame: &Frame<'_>,
        sent_definitions: &SentDefinitions,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(NotQueued::Closed);
        }
        queue.signals += 1;
        if queue.signals > limits.signals {
            return Err(NotQueued::TooManySignals);
        }
        self.put(&mut queue, pair, frame, sent_definitions, limits)
    }

    fn put(
        &self,
        queue: &mut LaneQueue,
        pair: ProcessPair,
        frame: &Frame<'_>,
        sent_definitions: &SentDefinitions,
        limits: &Limits,
    ) -> Result<(), NotQueued> {
        if queue.closed {
            return Err(NotQueued::Closed);
        }
        let before = queue.ready.len();
        if before == 0 {
            queue.ready.reserve(queue.usual);
        }
        sent_definitions.write(&mut queue.written, &mut queue.ready);
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

    /// Registers a proxy to continue when capacity of this class is free. Returns false if it is already free.
    pub(crate) fn block(
        &self,
        sort: ByteClass,
        proxy: &Arc<RemoteProxy<AnyCodec>>,
        limits: &Limits,
    ) -> bool {
        let mut queue = self.queue.lock();
        match sort {
            ByteClass::Whole => queue.whole.block(proxy, limits),
            ByteClass::InPieces => queue.in_pieces.block(proxy, limits),
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
        queue.usual = bytes.len().min(MAX_RESERVED);
        let counted = ByteCounts {
            whole: bytes.len(),
            in_pieces: queue.next_piece(&mut bytes, limits),
        };
        let bytes = bytes.freeze();
        (!bytes.is_empty()).then_some(Batch { bytes, counted })
    }

    /// Subtracts written bytes. Returns the proxies that waited for capacity, if there is enough now.
    pub(crate) fn written(
        &self,
        counted: ByteCounts,
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

impl LaneQueue {
    /// Checks the capacity for a message. A message that may be fragmented, which its payload size nearly determines,
    /// needs capacity of both sorts.
    fn admit(&self, pair: ProcessPair, payload: usize, limits: &Limits) -> Result<(), NotQueued> {
        if self.whole.is_full(limits) {
            return Err(NotQueued::Full(ByteClass::Whole));
        }
        let is_long = payload > limits.chunk || self.ahead(pair).is_some();
        if is_long && self.in_pieces.is_full(limits) {
            return Err(NotQueued::Full(ByteClass::InPieces));
        }
        Ok(())
    }

    /// Returns the last long message of the pair. All later frames of the pair wait behind it.
    fn ahead(&self, pair: ProcessPair) -> Option<usize> {
        if self.long.is_empty() {
            return None;
        }
        let is_ahead = |long: &LongMessage| long.pair == pair;
        self.long.iter().rposition(is_ahead)
    }

    fn lengthen(&mut self, pair: ProcessPair, frame: Bytes, behind: VecDeque<Bytes>) {
        self.long.push_back(LongMessage {
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
        let is_done = |long: &LongMessage| long.begun == Some(piece.id);
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
