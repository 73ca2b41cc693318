//! The streams of an in-process connection: writing and reading.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Event, Link, Pipe, Side, StreamKind};
use crate::transport::{Closed, MAX_CHUNK, ReadError, WriteError};
use crate::wire::CloseCode;

/// The maximum number of bytes of a stream that are written and not yet read.
const WINDOW: usize = 256 * 1024;

impl Link {
    /// Takes bytes from the front, as far as the window allows.
    pub(in crate::transport::memory) fn poll_write(
        &mut self,
        side: Side,
        id: u64,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>> {
        let end = &mut self.ends[side as usize];
        if let Some(closed) = &end.closed {
            return Poll::Ready(Err(closed.clone().into()));
        }
        let Some(pipe) = self.pipes.get_mut(&(id, side.other())) else {
            return Poll::Ready(Err(WriteError::Finished));
        };
        if pipe.ended_by_writer {
            return Poll::Ready(Err(WriteError::Finished));
        }
        if let Some(code) = pipe.stopped {
            return Poll::Ready(Err(WriteError::Stopped(code)));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let room = WINDOW.saturating_sub(pipe.used).min(bytes.len());
        if room == 0 {
            let before = pipe.writer.replace(cx.waker().clone());
            self.released.replace(before);
            return Poll::Pending;
        }
        pipe.used += room;
        end.sent += room as u64;
        let data = bytes.split_to(room);
        self.show(side, id);
        self.send(side.other(), Event::Data(id, data));
        Poll::Ready(Ok(()))
    }

    /// Returns the next bytes, at most `most` of them.
    pub(in crate::transport::memory) fn poll_read(
        &mut self,
        side: Side,
        id: u64,
        cx: &mut Context<'_>,
        most: usize,
    ) -> Poll<Result<Option<Bytes>, ReadError>> {
        let end = &mut self.ends[side as usize];
        if end.closed == Some(Closed::Local) {
            return Poll::Ready(Err(Closed::Local.into()));
        }
        let Some(pipe) = self.pipes.get_mut(&(id, side)) else {
            return Poll::Ready(Err(ReadError::Stopped));
        };
        if pipe.ended_by_reader {
            return Poll::Ready(Err(ReadError::Stopped));
        }
        if let Some(code) = pipe.reset {
            return Poll::Ready(Err(ReadError::Reset(code)));
        }
        let Some(chunk) = take(&mut pipe.chunks, most.clamp(1, MAX_CHUNK)) else {
            if pipe.finished {
                return Poll::Ready(Ok(None));
            }
            if let Some(closed) = &end.closed {
                return Poll::Ready(Err(closed.clone().into()));
            }
            let before = pipe.reader.replace(cx.waker().clone());
            self.released.replace(before);
            return Poll::Pending;
        };
        end.received += chunk.len() as u64;
        self.send(side.other(), Event::Read(id, chunk.len()));
        Poll::Ready(Ok(Some(chunk)))
    }

    /// Ends writing to the stream, or resets the stream if there is a code.
    pub(in crate::transport::memory) fn end_writing(
        &mut self,
        side: Side,
        id: u64,
        reset: Option<CloseCode>,
    ) {
        let Some(pipe) = self.pipes.get_mut(&(id, side.other())) else {
            return;
        };
        // A finished stream may still be reset, as long as it has not arrived.
        if pipe.ended_by_writer && reset.is_none() {
            return;
        }
        pipe.ended_by_writer = true;
        let event = reset.map_or(Event::Finished(id), |code| Event::Reset(id, code));
        self.show(side, id);
        self.send(side.other(), event);
    }

    /// Ends reading from the stream.
    pub(in crate::transport::memory) fn end_reading(
        &mut self,
        side: Side,
        id: u64,
        code: CloseCode,
    ) {
        let Some(pipe) = self.pipes.get_mut(&(id, side)) else {
            return;
        };
        if pipe.ended_by_reader {
            return;
        }
        pipe.ended_by_reader = true;
        pipe.chunks.clear();
        if !pipe.finished {
            self.send(side.other(), Event::Stopped(id, code));
        }
    }

    /// Drops one half of the stream. The reading half also notifies the side that opened it that it may open another
    /// one.
    pub(in crate::transport::memory) fn forget(
        &mut self,
        id: u64,
        reader: Side,
        by_reader: bool,
        ended: Option<StreamKind>,
    ) {
        if let Some(pipe) = self.pipes.get_mut(&(id, reader)) {
            pipe.gone[usize::from(by_reader)] = true;
            if pipe.gone == [true, true] {
                self.pipes.remove(&(id, reader));
            }
        }
        if let Some(kind) = ended {
            self.send(reader.other(), Event::Ended(kind));
        }
    }
}

impl Pipe {
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Data(_, bytes) if !self.ended_by_reader => self.chunks.push_back(bytes),
            Event::Finished(_) => self.finished = true,
            // A stream that has arrived completely cannot be reset.
            Event::Reset(_, code) if !self.finished => {
                self.reset = Some(code);
                self.chunks.clear();
            }
            Event::Stopped(_, code) => self.stopped = Some(code),
            Event::Read(_, bytes) => self.used = self.used.saturating_sub(bytes),
            Event::Data(..)
            | Event::Reset(..)
            | Event::Opened(..)
            | Event::Ended(_)
            | Event::Closed(_) => {}
        }
    }
}

fn take(chunks: &mut VecDeque<Bytes>, most: usize) -> Option<Bytes> {
    let front = chunks.front_mut()?;
    if front.len() > most {
        return Some(front.split_to(most));
    }
    chunks.pop_front()
}
