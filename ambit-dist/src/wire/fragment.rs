//! Messages that are too long for one frame go in pieces, so that others pass between them.
//!
//! A message is one encoded frame without the length in front: `kind | flags | body`. Both sides count alike, each lane
//! for itself, because nothing is known of the order between two streams: a lane may have
//! [`partials`](crate::wire::Limits::partials) messages under way, which together have at most the lane's share of
//! [`partial_bytes`](crate::wire::Limits::partial_bytes), and always one, whatever its share is.
//!
//! Frames of the same pair of processes must wait for the last piece, or they would overtake it; all others need not.

pub(crate) mod outgoing;

use bytes::BytesMut;

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::kind::Kind;
use crate::wire::limits::Limits;
use crate::wire::splitter::RawFrame;

/// Puts the messages of one lane together again.
///
/// What is held is copied, so that a small piece does not keep a large buffer alive; it takes at most twice the lane's
/// share in memory.
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
    /// One for a lane without messages under way.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            partials: Vec::new(),
        }
    }

    /// Adds what a [`Frame::Frag`](crate::wire::Frame::Frag) says, and gives the message whose last piece it was.
    ///
    /// # Errors
    /// [`WireError::TooLarge`] and [`WireError::TooMany`] beyond the limits, [`WireError::Truncated`] for a piece of
    /// nothing, and [`WireError::NotInPieces`].
    pub fn push(
        &mut self,
        id: u32,
        last: bool,
        chunk: &[u8],
    ) -> Result<Option<RawFrame>, WireError> {
        let at_most = self.limits.chunk;
        bounded("a piece of a message", chunk.len(), at_most)?;
        let index = self.index(id, chunk)?;
        let length = self.partials[index].bytes.len() + chunk.len();
        bounded("a message", length, self.limits.message())?;
        let share = self.limits.share();
        bounded(
            "what a lane has in pieces",
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

    /// How many bytes wait for their last piece.
    #[must_use]
    pub fn held(&self) -> usize {
        self.partials
            .iter()
            .map(|partial| partial.bytes.len())
            .sum()
    }

    /// Where the message stands; a new one gets its place.
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
            let what = "messages in pieces on one lane";
            return Err(WireError::TooMany { what, limit });
        }
        let bytes = BytesMut::new();
        self.partials.push(Partial { id, bytes });
        Ok(self.partials.len() - 1)
    }
}
