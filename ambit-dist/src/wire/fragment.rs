//! Fragmentation of messages that are too long for one frame, so that other messages can be interleaved.
//!
//! A message is one encoded frame without its length: `kind | flags | body`. Both sides apply the same limits to each
//! lane separately, because there is no order between two streams. A lane may have
//! [`partials`](crate::wire::Limits::partials) messages in progress, with at most the lane's share of
//! [`partial_bytes`](crate::wire::Limits::partial_bytes) together, and always at least one message.
//!
//! Frames of the same pair of processes must wait for the last fragment, to stay in order. All other frames may be
//! interleaved.

pub(crate) mod outgoing;

use bytes::BytesMut;

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::kind::Kind;
use crate::wire::limits::Limits;
use crate::wire::splitter::RawFrame;

/// Reassembles the messages of one lane.
///
/// Fragments are copied, so that a small one does not keep a large buffer alive. Memory is at most twice the lane's
/// share.
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
    /// Creates a reassembler for a lane without messages in progress.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            partials: Vec::new(),
        }
    }

    /// Adds the content of a [`Frame::Frag`](crate::wire::Frame::Frag). Returns the message if this was its last
    /// fragment.
    ///
    /// # Errors
    /// - [`WireError::TooLarge`] if the fragment, its message or all fragmented data of the lane exceed their limit.
    /// - [`WireError::TooMany`] if too many messages of the lane are in progress.
    /// - [`WireError::Truncated`] if the fragment is empty, or the message too short for kind and flags.
    /// - [`WireError::NotInPieces`] if messages of this kind must not be fragmented.
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

    /// Returns the number of bytes of incomplete messages.
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
