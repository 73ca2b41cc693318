//! Fragments messages that are too long for one frame, so that other messages can be interleaved with them.
//!
//! A message is one encoded frame without its length field: `kind | flags | body`. Both sides apply the same limits to
//! each lane separately, because the order between two lanes is undefined. A lane may have
//! [`partials`](crate::wire::Limits::partials) messages in progress, with at most the lane's share of
//! [`partial_bytes`](crate::wire::Limits::partial_bytes) in total. The share always suffices for one message.
//!
//! Later frames of the same pair of processes wait for the last fragment, so that they stay in order. All other frames
//! may be interleaved.

pub(crate) mod outgoing;

use bytes::BytesMut;

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::kind::Kind;
use crate::wire::limits::Limits;
use crate::wire::splitter::RawFrame;

/// Reassembles the fragmented messages of one lane.
///
/// Fragments are copied, so that a short one does not keep a large buffer alive. The buffers have at most twice the
/// size of the lane's [share](Limits::share).
///
/// ```
/// use ambit_dist::wire::{Fragments, Frame, Limits};
///
/// let mut message = bytes::BytesMut::new();
/// Frame::ReplyErr { req: 7, error: b"out of stock" }.encode(&mut message);
/// // A fragmented message has no length field.
/// let (first, second) = message[4..].split_at(6);
///
/// let mut fragments = Fragments::new(Limits::default());
/// assert_eq!(fragments.push(1, false, first)?, None);
/// assert_eq!(fragments.held(), 6);
/// let whole = fragments.push(1, true, second)?.expect("it was the last fragment");
/// assert_eq!(whole.decode()?, Some(Frame::ReplyErr { req: 7, error: b"out of stock" }));
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Fragments {
    limits: Limits,
    partials: Vec<Partial>,
}

#[derive(Debug)]
struct Partial {
    id: u32,
    bytes: BytesMut,
}

impl Fragments {
    /// Creates a reassembler for a new lane.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            partials: Vec::new(),
        }
    }

    /// Adds the content of a [`Frame::Frag`](crate::wire::Frame::Frag). Returns the complete message if this was its
    /// last fragment.
    ///
    /// # Errors
    /// - [`WireError::TooLarge`] if the fragment, its message or the fragmented data of the lane exceeds its limit.
    /// - [`WireError::TooMany`] if the lane already has [`Limits::partials`] messages in progress.
    /// - [`WireError::Truncated`] if the fragment is empty, or the complete message is too short for kind and flags.
    /// - [`WireError::NotInPieces`] if frames of this kind must not be fragmented.
    pub fn push(
        &mut self,
        id: u32,
        last: bool,
        chunk: &[u8],
    ) -> Result<Option<RawFrame>, WireError> {
        let at_most = self.limits.chunk;
        bounded("a fragment of a message", chunk.len(), at_most)?;
        let index = self.index(id, chunk)?;
        let length = self.partials[index].bytes.len() + chunk.len();
        bounded("a message", length, self.limits.message())?;
        let share = self.limits.share();
        bounded(
            "the fragmented data of a lane",
            self.held() + chunk.len(),
            share,
        )?;
        self.partials[index].bytes.extend_from_slice(chunk);
        if !last {
            return Ok(None);
        }
        let message = self.partials.swap_remove(index).bytes.freeze();
        RawFrame::new(message).map(Some)
    }

    /// Returns the number of buffered bytes of incomplete messages.
    #[must_use]
    pub fn held(&self) -> usize {
        self.partials
            .iter()
            .map(|partial| partial.bytes.len())
            .sum()
    }

    /// Returns the index of the message, adding a new one if necessary.
    fn index(&mut self, id: u32, chunk: &[u8]) -> Result<usize, WireError> {
        let kind = *chunk.first().ok_or(WireError::Truncated)?;
        if let Some(index) = self.partials.iter().position(|partial| partial.id == id) {
            return Ok(index);
        }
        if Kind::from_number(kind).is_some_and(|kind| !kind.in_pieces()) {
            return Err(WireError::NotInPieces { kind });
        }
        let limit = self.limits.partials;
        if self.partials.len() >= limit {
            let what = "fragmented messages on one lane";
            return Err(WireError::TooMany { what, limit });
        }
        let bytes = BytesMut::new();
        self.partials.push(Partial { id, bytes });
        Ok(self.partials.len() - 1)
    }
}
