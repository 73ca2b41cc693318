//! The first frames of a control stream, which identify both nodes.

use std::fmt;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};

use crate::transport::{Closed, ReadError, ReceiveHalf, SendHalf, WriteError};
use crate::wire::{CloseCode, Frame, Kind, OPTIONAL};

/// The first byte of the control stream.
const CONTROL: u8 = 0x01;
/// The maximum length of a handshake frame: HELLO has at most 4 KiB.
const LONGEST: usize = (4 << 10) + 64;
/// The size of the length prefix of a frame.
const LENGTH: usize = 4;

/// An error while reading the handshake frames of the other node.
#[derive(Debug)]
pub(crate) enum HelloFrameError {
    Closed(Closed),
    /// The stream ended; the close of the connection may contain the reason.
    Ended,
    /// The bytes are not a valid handshake.
    Malformed(&'static str),
}

impl From<ReadError> for HelloFrameError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed(closed) => Self::Closed(closed),
            ReadError::Reset(_) | ReadError::Stopped => Self::Ended,
        }
    }
}

impl From<WriteError> for HelloFrameError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Closed(closed) => Self::Closed(closed),
            WriteError::Stopped(_) | WriteError::Finished => Self::Ended,
        }
    }
}

/// Both halves of a control stream.
pub(crate) type Halves = (Box<dyn SendHalf>, Box<dyn ReceiveHalf>);

/// A control stream during the handshake.
pub(crate) struct HelloFrames {
    send: Box<dyn SendHalf>,
    receive: Box<dyn ReceiveHalf>,
    read: BytesMut,
}

impl HelloFrames {
    pub(crate) fn new((send, receive): Halves) -> Self {
        Self {
            send,
            receive,
            read: BytesMut::new(),
        }
    }

    /// Marks this stream as the control stream and sends the dialler's hello.
    pub(crate) async fn begin(&mut self, hello: &[u8]) -> Result<(), HelloFrameError> {
        let mut out = BytesMut::from(&[CONTROL][..]);
        Frame::Hello(hello).encode(&mut out);
        Ok(self.send.write(out.freeze()).await?)
    }

    pub(crate) async fn send(&mut self, frame: &Frame<'_>) -> Result<(), HelloFrameError> {
        let mut out = BytesMut::new();
        frame.encode(&mut out);
        Ok(self.send.write(out.freeze()).await?)
    }

    /// Reads the dialler's hello.
    pub(crate) async fn hello(&mut self) -> Result<Bytes, HelloFrameError> {
        self.fill(1).await?;
        if self.read.get_u8() != CONTROL {
            return Err(HelloFrameError::Malformed(
                "the first stream is not the control stream",
            ));
        }
        self.next(Kind::Hello).await
    }

    /// Returns the content of the next frame, which must be of this kind. Dropping the future loses no bytes.
    pub(crate) async fn next(&mut self, expected: Kind) -> Result<Bytes, HelloFrameError> {
        self.fill(LENGTH).await?;
        let length = u32::from_le_bytes([self.read[0], self.read[1], self.read[2], self.read[3]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !(2..=LONGEST).contains(&length) {
            return Err(HelloFrameError::Malformed(
                "the frame length is invalid in the handshake",
            ));
        }
        self.fill(LENGTH + length).await?;
        self.read.advance(LENGTH);
        let frame = self.read.split_to(length).freeze();
        if Kind::from_number(frame[0]) != Some(expected) {
            return Err(HelloFrameError::Malformed(
                "the frame is not the next one of the handshake",
            ));
        }
        if frame[1] & !OPTIONAL != 0 {
            return Err(HelloFrameError::Malformed(
                "the frame of the handshake has unknown flags",
            ));
        }
        Ok(frame.slice(2..))
    }

    /// Waits for the first byte without consuming it.
    pub(crate) async fn received_hello(&mut self) -> Result<(), HelloFrameError> {
        self.fill(1).await
    }

    async fn fill(&mut self, length: usize) -> Result<(), HelloFrameError> {
        while self.read.len() < length {
            let chunk = self.receive.read().await?;
            let chunk = chunk.ok_or(HelloFrameError::Ended)?;
            self.read.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// Returns the stream, with the bytes already read put back.
    pub(crate) fn into_halves(self) -> Halves {
        let rest = Prefixed {
            first: self.read.freeze(),
            then: self.receive,
        };
        (self.send, Box::new(rest))
    }
}

/// A stream with some bytes already read.
struct Prefixed {
    first: Bytes,
    then: Box<dyn ReceiveHalf>,
}

impl ReceiveHalf for Prefixed {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        if self.first.is_empty() {
            return self.then.poll_read(cx);
        }
        Poll::Ready(Ok(Some(std::mem::take(&mut self.first))))
    }

    fn stop(&mut self, code: CloseCode) {
        self.first.clear();
        self.then.stop(code);
    }
}

impl fmt::Debug for Prefixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefixed")
            .field("then", &self.then)
            .finish_non_exhaustive()
    }
}
