//! The sending side of fragmentation.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::Frame;
use crate::wire::limits::Limits;

/// Splits the long messages of one lane into fragments, and emits them round-robin.
///
/// ```
/// use ambit_dist::wire::{Frame, Limits, Outgoing};
/// use bytes::BytesMut;
///
/// let limits = Limits::default();
/// let payload = vec![0; 200_000];
/// let mut message = BytesMut::new();
/// Frame::Reply { req: 1, framed: false, payload: &payload }.encode(&mut message);
///
/// let mut outgoing = Outgoing::new(limits);
/// let id = outgoing.start(&message.freeze())?.expect("no other is under way");
/// let mut out = BytesMut::new();
/// let mut pieces = 0;
/// while let Some(piece) = outgoing.write(&mut out) {
///     pieces += 1;
///     assert_eq!((piece.id, piece.last), (id, pieces == 4));
/// }
/// assert_eq!(pieces, 4);
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Outgoing {
    limits: Limits,
    next: u32,
    /// The total initial length of all messages in progress.
    held: usize,
    queue: VecDeque<Message>,
}

#[derive(Debug)]
struct Message {
    id: u32,
    length: usize,
    rest: Bytes,
}

/// A fragment that [`Outgoing::write`] has written.
///
/// [`Outgoing`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The number of the message, as returned by [`Outgoing::start`].
    pub id: u32,
    /// True for the last fragment of the message. Later frames of the same pair of processes may follow it.
    pub last: bool,
}

impl Outgoing {
    /// Creates a fragmenter for a new lane.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            next: 0,
            held: 0,
            queue: VecDeque::new(),
        }
    }

    /// Starts fragmenting a message and returns its number. `frame` is the encoded frame including its length field.
    /// Returns `None` if the message must wait until another one is complete, because of [`Limits::partials`] or
    /// [`Limits::share`].
    ///
    /// # Errors
    /// Fails with [`WireError::TooLarge`] if the frame is longer than [`Limits::message`].
    pub fn start(&mut self, frame: &Bytes) -> Result<Option<u32>, WireError> {
        let rest = frame.slice(4.min(frame.len())..);
        let length = rest.len();
        bounded("a message", length, self.limits.message())?;
        let full = self.queue.len() >= self.limits.partials;
        if full || self.held + length > self.limits.share() {
            return Ok(None);
        }
        let id = self.next;
        self.next = id.wrapping_add(1);
        self.held += length;
        self.queue.push_back(Message { id, length, rest });
        Ok(Some(id))
    }

    /// Appends the next fragment to `out`, alternating between the messages in progress. Returns `None` if no message
    /// is in progress.
    pub fn write(&mut self, out: &mut BytesMut) -> Option<Piece> {
        let mut message = self.queue.pop_front()?;
        let length = self.limits.chunk.min(message.rest.len());
        let chunk = message.rest.split_to(length);
        let (id, last) = (message.id, message.rest.is_empty());
        let chunk = &*chunk;
        Frame::Frag { id, last, chunk }.encode(out);
        if last {
            self.held -= message.length;
        } else {
            self.queue.push_back(message);
        }
        Some(Piece { id, last })
    }

    /// Returns true if no message is in progress.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}
