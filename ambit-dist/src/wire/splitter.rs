//! Splits the chunks of a stream into frames.

use bytes::{Buf, Bytes, BytesMut};

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::kind::Kind;
use crate::wire::frame::{Frame, HEADER};
use crate::wire::limits::Limits;

/// The size of the length field of a frame, in bytes.
const LENGTH: usize = 4;

/// A frame that was found in a stream, but not decoded yet.
///
/// ```
/// use ambit_dist::wire::{Frame, Kind, RawFrame};
///
/// let frame = RawFrame { kind: Kind::Cancel.number(), flags: 0, body: vec![7].into() };
/// assert_eq!(frame.decode()?, Some(Frame::Cancel { req: 7 }));
/// // With the flag 0x04, a frame of an unknown kind is skipped.
/// let later = RawFrame { kind: 0x99, flags: 0x04, body: frame.body };
/// assert_eq!(later.decode()?, None);
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// The number of the frame's [`Kind`], which may be unknown to this version.
    pub kind: u8,
    /// The flags of the frame.
    pub flags: u8,
    /// The encoded fields. They share memory with the chunk if it contained the whole frame; otherwise they are a copy.
    pub body: Bytes,
}

impl RawFrame {
    /// Parses `kind | flags | body`.
    ///
    /// # Errors
    /// Fails with [`WireError::Truncated`].
    pub(crate) fn new(mut bytes: Bytes) -> Result<Self, WireError> {
        let Some(&[kind, flags]) = bytes.first_chunk() else {
            return Err(WireError::Truncated);
        };
        bytes.advance(2);
        let body = bytes;
        Ok(Self { kind, flags, body })
    }

    /// Decodes the frame; see [`Frame::decode`].
    ///
    /// # Errors
    /// Fails with a [`WireError`] if the frame is malformed; close the connection with [`WireError::close_code`].
    pub fn decode(&self) -> Result<Option<Frame<'_>>, WireError> {
        Frame::decode(self.kind, self.flags, &self.body)
    }
}

/// A frame borrowed from the memory in which it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitFrame<'a> {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) body: &'a [u8],
    /// The memory that contains the body.
    pub(crate) memory: &'a Bytes,
    /// True if no other frame is in that memory.
    pub(crate) is_alone: bool,
}

impl<'a> SplitFrame<'a> {
    /// Decodes the frame: [`Frame::decode`].
    ///
    /// # Errors
    /// Fails with a [`WireError`] if the frame is malformed; close the connection with [`WireError::close_code`].
    pub(crate) fn decode(&self) -> Result<Option<Frame<'a>>, WireError> {
        Frame::decode(self.kind, self.flags, self.body)
    }
}

impl RawFrame {
    /// Borrows the frame, which was assembled in separate memory.
    pub(crate) fn alone(&self) -> SplitFrame<'_> {
        SplitFrame {
            kind: self.kind,
            flags: self.flags,
            body: &self.body,
            memory: &self.body,
            is_alone: true,
        }
    }
}

/// Splits a stream that arrives in chunks of any size into frames.
///
/// A frame that arrives within one chunk is not copied. The splitter buffers at most one incomplete frame. The buffer
/// never exceeds the [maximum frame length](Limits::frame) plus twice the bytes of the frame that have arrived,
/// whatever length the frame declares. A length above the limit is rejected before any allocation.
///
/// ```
/// use ambit_dist::wire::{Frame, Limits, Splitter};
/// let mut out = bytes::BytesMut::new();
/// Frame::GoAway.encode(&mut out);
/// let mut splitter = Splitter::new(&Limits::default());
/// splitter.feed(out.freeze());
/// let frame = splitter.pop()?.expect("a whole frame was fed");
/// assert_eq!(frame.decode()?, Some(Frame::GoAway));
/// assert_eq!(splitter.pop()?, None);
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Splitter {
    /// The maximum length of a frame. `definition` is that of a definition.
    frame: usize,
    definition: usize,
    chunk: Bytes,
    /// The start of a frame that began in an earlier chunk.
    partial: BytesMut,
}

impl Splitter {
    /// Creates a splitter at the start of a stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            frame: limits.frame(),
            definition: limits.definition(),
            chunk: Bytes::new(),
            partial: BytesMut::new(),
        }
    }

    /// Adds the next chunk of the stream. Call [`pop`](Self::pop) until it returns `None` before adding another chunk:
    /// bytes that remain are copied.
    pub fn feed(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
            return;
        }
        let both = [&*self.chunk, &*chunk].concat();
        self.chunk = both.into();
    }

    /// Removes and returns the next complete frame. Returns `None` if more chunks are needed.
    ///
    /// # Errors
    /// Fails with [`WireError::TooLarge`] for a length above the limit, or with [`WireError::Truncated`] for a length
    /// too short for kind and flags. The error is permanent: every later call returns it too.
    pub fn pop(&mut self) -> Result<Option<RawFrame>, WireError> {
        if self.partial.is_empty() {
            let total = self.total(&self.chunk)?;
            if let Some(total) = total.filter(|total| *total <= self.chunk.len()) {
                let frame = self.chunk.slice(LENGTH..total);
                self.chunk.advance(total);
                return RawFrame::new(frame).map(Some);
            }
        }
        self.fill(HEADER);
        let Some(total) = self.total(&self.partial)? else {
            return Ok(None);
        };
        self.fill(total);
        if self.partial.len() < total {
            return Ok(None);
        }
        let frame = std::mem::take(&mut self.partial);
        let frame = frame.freeze().split_off(LENGTH);
        RawFrame::new(frame).map(Some)
    }

    /// Calls `act` for each complete frame, in order. Handles the same frames as [`pop`](Self::pop), and is cheaper for
    /// short ones.
    ///
    /// # Errors
    /// Fails like `pop`, and with the errors of `act`; nothing may be read after an error.
    pub(crate) fn each(
        &mut self,
        mut act: impl FnMut(SplitFrame<'_>) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        loop {
            while self.partial.is_empty()
                && let Some(total) = self.total(&self.chunk)?
                && let Some(&[_, _, _, _, kind, flags, ref body @ ..]) = self.chunk.get(..total)
            {
                let memory = &self.chunk;
                act(SplitFrame {
                    kind,
                    flags,
                    body,
                    memory,
                    is_alone: false,
                })?;
                self.chunk.advance(total);
            }
            match self.pop()? {
                // Complete frames were handled above.
                Some(frame) => act(frame.alone())?,
                None => return Ok(()),
            }
        }
    }

    /// Checks that the stream ends at the end of a frame. Call this method at the end of the stream.
    ///
    /// # Errors
    /// Fails with [`WireError::Truncated`] if bytes of a frame remain.
    pub fn finish(&self) -> Result<(), WireError> {
        match self.buffered() {
            0 => Ok(()),
            _ => Err(WireError::Truncated),
        }
    }

    /// Returns the number of buffered bytes, of incomplete frames and of frames that were not popped yet.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.partial.len() + self.chunk.len()
    }

    /// Returns the length of the frame that starts here, including its length field, or `None` if too few bytes are
    /// available.
    fn total(&self, bytes: &[u8]) -> Result<Option<usize>, WireError> {
        let Some(&[a, b, c, d, kind, _flags]) = bytes.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let definition = Kind::from_number(kind).is_some_and(Kind::is_definition);
        let limit = if definition {
            self.definition
        } else {
            self.frame
        };
        bounded("a frame", length, limit)?;
        if length < HEADER - LENGTH {
            return Err(WireError::Truncated);
        }
        Ok(Some(LENGTH + length))
    }

    /// Moves bytes from the chunk until the frame has this length.
    fn fill(&mut self, length: usize) {
        let missing = length.saturating_sub(self.partial.len());
        let part = self.chunk.split_to(missing.min(self.chunk.len()));
        if self.partial.capacity() - self.partial.len() < part.len() {
            // The memory of a definition, which may be long, grows only as it arrives.
            self.partial.reserve(missing.min(self.frame));
        }
        self.partial.extend_from_slice(&part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the header of a frame, then its fields in small chunks, and checks that memory grows only with the bytes
    /// that arrive.
    fn memory_grows_with_what_arrives(kind: Kind, length: usize) {
        let limits = Limits::default();
        let mut splitter = Splitter::new(&limits);
        let header = [&(length as u32).to_le_bytes()[..], &[kind.number(), 0]].concat();
        splitter.feed(header.into());
        assert_eq!(splitter.pop(), Ok(None));
        let mut left = length - 2;
        while left > 0 {
            let chunk = vec![0; left.min(1000)];
            left -= chunk.len();
            splitter.feed(chunk.into());
            let frame = splitter.pop();
            assert_eq!(frame.is_ok_and(|frame| frame.is_some()), left == 0);
            let most = limits.frame() + 2 * splitter.partial.len();
            assert!(splitter.partial.capacity() <= most);
        }
        assert_eq!(splitter.buffered(), 0);
        assert!(splitter.partial.capacity() <= limits.frame());
    }

    #[test]
    fn memory_for_a_frame_grows_with_what_arrives_of_it() {
        let limits = Limits::default();
        memory_grows_with_what_arrives(Kind::Tell, limits.frame());
        memory_grows_with_what_arrives(Kind::TypeDef, limits.definition());
    }
}
