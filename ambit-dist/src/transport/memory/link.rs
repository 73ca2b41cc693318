//! What two ends of a connection in memory know of each other, as pure code.
//!
//! Everything that one end does and the other must learn is an event on its way there. A way that is blocked keeps its
//! events in order until it is free again, so that a cut and a delay need no further code. No queue here grows without
//! bound: data is bounded by the window of each stream, streams by their number.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::transport::{Closed, MAX_CHUNK, ReadError, WriteError};
use crate::wire::CloseCode;

/// How much of a stream may be written and not yet read.
pub(super) const WINDOW: usize = 256 * 1024;

/// How many streams of one direction may be open, for one and for both writing.
const MAX_STREAMS: [usize; 2] = [64, 32];

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Dialler,
    Acceptor,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Acceptor,
            Self::Acceptor => Self::Dialler,
        }
    }
}

/// Who writes on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only who opened it.
    Uni,
    /// Both.
    Bi,
}

/// A stream, and the side that reads it.
type PipeId = (u64, Side);

/// What one end did and the other has to learn.
#[derive(Debug)]
enum Event {
    Opened(Kind, u64),
    Data(u64, Bytes),
    Finished(u64),
    Reset(u64, CloseCode),
    Stopped(u64, CloseCode),
    /// So many bytes of the stream were read.
    Read(u64, usize),
    /// A stream that this end had opened is done with.
    Ended(Kind),
    Closed(Closed),
}

/// The bytes of one direction of one stream.
#[derive(Debug, Default)]
struct Pipe {
    chunks: VecDeque<Bytes>,
    /// Bytes written and not yet read, as far as the writer knows.
    used: usize,
    finished: bool,
    reset: Option<CloseCode>,
    /// As far as the writer knows.
    stopped: Option<CloseCode>,
    ended_by_writer: bool,
    ended_by_reader: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    gone: [bool; 2],
}

#[derive(Debug, Default)]
struct End {
    closed: Option<Closed>,
    arrived: [VecDeque<u64>; 2],
    /// Streams that this end opened and that the other does not see before their first bytes.
    unseen: [VecDeque<u64>; 2],
    open: [usize; 2],
    sent: u64,
    received: u64,
    waiting: Vec<Waker>,
}

/// What is on its way to one end.
#[derive(Debug, Default)]
struct Way {
    blocked: bool,
    events: VecDeque<Event>,
}

/// Both ends, what is between them, and all streams.
#[derive(Debug, Default)]
pub(super) struct Link {
    ends: [End; 2],
    ways: [Way; 2],
    pipes: BTreeMap<PipeId, Pipe>,
    next: u64,
}

impl Link {
    /// Opens a stream from this side, or waits for one of its streams to end.
    pub(super) fn poll_open(
        &mut self,
        side: Side,
        kind: Kind,
        cx: &mut Context<'_>,
    ) -> Poll<Result<u64, Closed>> {
        let end = &mut self.ends[side as usize];
        if let Some(closed) = &end.closed {
            return Poll::Ready(Err(closed.clone()));
        }
        if end.open[kind as usize] == MAX_STREAMS[kind as usize] {
            wait(&mut end.waiting, cx);
            return Poll::Pending;
        }
        end.open[kind as usize] += 1;
        let id = self.next;
        self.next += 1;
        self.pipes.insert((id, side.other()), Pipe::default());
        if kind == Kind::Bi {
            self.pipes.insert((id, side), Pipe::default());
        }
        self.ends[side as usize].unseen[kind as usize].push_back(id);
        Poll::Ready(Ok(id))
    }

    /// The next stream of the other side.
    pub(super) fn poll_accept(
        &mut self,
        side: Side,
        kind: Kind,
        cx: &mut Context<'_>,
    ) -> Poll<Result<u64, Closed>> {
        let end = &mut self.ends[side as usize];
        if let Some(id) = end.arrived[kind as usize].pop_front() {
            return Poll::Ready(Ok(id));
        }
        if let Some(closed) = &end.closed {
            return Poll::Ready(Err(closed.clone()));
        }
        wait(&mut end.waiting, cx);
        Poll::Pending
    }

    /// How the connection ended for this side.
    pub(super) fn poll_closed(&mut self, side: Side, cx: &mut Context<'_>) -> Poll<Closed> {
        let end = &mut self.ends[side as usize];
        if let Some(closed) = &end.closed {
            return Poll::Ready(closed.clone());
        }
        wait(&mut end.waiting, cx);
        Poll::Pending
    }

    /// Takes bytes from the front, as far as the window goes.
    pub(super) fn poll_write(
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
            pipe.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        pipe.used += room;
        end.sent += room as u64;
        let data = bytes.split_to(room);
        self.show(side, id);
        self.send(side.other(), Event::Data(id, data));
        Poll::Ready(Ok(()))
    }

    /// The next bytes, of which at most `most` are given.
    pub(super) fn poll_read(
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
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        end.received += chunk.len() as u64;
        self.send(side.other(), Event::Read(id, chunk.len()));
        Poll::Ready(Ok(Some(chunk)))
    }

    /// Nothing more is written to the stream, or (with a code) it is given up.
    pub(super) fn end_writing(&mut self, side: Side, id: u64, reset: Option<CloseCode>) {
        let Some(pipe) = self.pipes.get_mut(&(id, side.other())) else {
            return;
        };
        // Given up may be what was finished before, as long as it has not arrived.
        if pipe.ended_by_writer && reset.is_none() {
            return;
        }
        pipe.ended_by_writer = true;
        let event = reset.map_or(Event::Finished(id), |code| Event::Reset(id, code));
        self.show(side, id);
        self.send(side.other(), event);
    }

    /// Nothing more is read from the stream.
    pub(super) fn end_reading(&mut self, side: Side, id: u64, code: CloseCode) {
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

    /// One half of the stream is dropped; the half that reads also tells who opened it that there is room for another.
    pub(super) fn forget(&mut self, id: u64, reader: Side, by_reader: bool, ended: Option<Kind>) {
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

    /// Ends the connection from this side. Only the first end counts.
    pub(super) fn close(&mut self, side: Side, code: CloseCode, text: &str) {
        if self.ends[side as usize].closed.is_some() {
            return;
        }
        self.end(side, Closed::Local);
        let closed = Closed::by_peer(code, text.as_bytes());
        self.send(side.other(), Event::Closed(closed));
    }

    /// Ends the connection for one side only, which is told how.
    pub(super) fn end(&mut self, side: Side, how: Closed) {
        self.ends[side as usize].closed.get_or_insert(how);
        for waker in self.ends[side as usize].waiting.drain(..) {
            waker.wake();
        }
        for pipe in self.pipes.values_mut() {
            wake(&mut pipe.reader);
            wake(&mut pipe.writer);
        }
    }

    /// Whether both ends know that it is over.
    pub(super) fn is_over(&self) -> bool {
        self.ends.iter().all(|end| end.closed.is_some())
    }

    /// Bytes written and read by this side.
    pub(super) fn counted(&self, side: Side) -> (u64, u64) {
        let end = &self.ends[side as usize];
        (end.sent, end.received)
    }

    /// Holds back what is on its way to this side, or lets it through.
    pub(super) fn block(&mut self, to: Side, blocked: bool) {
        self.ways[to as usize].blocked = blocked;
        if blocked {
            return;
        }
        while let Some(event) = self.ways[to as usize].events.pop_front() {
            self.arrive(to, event);
        }
    }

    /// Lets the other end see a stream, and those of its kind that were opened before, as QUIC does.
    fn show(&mut self, side: Side, id: u64) {
        for kind in [Kind::Uni, Kind::Bi] {
            let unseen = &mut self.ends[side as usize].unseen[kind as usize];
            let Some(last) = unseen.iter().position(|opened| *opened == id) else {
                continue;
            };
            let shown: Vec<_> = unseen.drain(..=last).collect();
            for id in shown {
                self.send(side.other(), Event::Opened(kind, id));
            }
        }
    }

    fn send(&mut self, to: Side, event: Event) {
        let way = &mut self.ways[to as usize];
        if way.blocked {
            way.events.push_back(event);
        } else {
            self.arrive(to, event);
        }
    }

    fn arrive(&mut self, at: Side, event: Event) {
        match event {
            Event::Opened(kind, id) => {
                self.ends[at as usize].arrived[kind as usize].push_back(id);
                self.wake_end(at);
            }
            Event::Ended(kind) => {
                let open = &mut self.ends[at as usize].open[kind as usize];
                *open = open.saturating_sub(1);
                self.wake_end(at);
            }
            Event::Closed(closed) => self.end(at, closed),
            Event::Data(id, _) | Event::Finished(id) | Event::Reset(id, _) => {
                if let Some(pipe) = self.pipes.get_mut(&(id, at)) {
                    pipe.hear(event);
                    wake(&mut pipe.reader);
                }
            }
            Event::Stopped(id, _) | Event::Read(id, _) => {
                if let Some(pipe) = self.pipes.get_mut(&(id, at.other())) {
                    pipe.hear(event);
                    wake(&mut pipe.writer);
                }
            }
        }
    }

    fn wake_end(&mut self, side: Side) {
        for waker in self.ends[side as usize].waiting.drain(..) {
            waker.wake();
        }
    }
}

impl Pipe {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Data(_, bytes) if !self.ended_by_reader => self.chunks.push_back(bytes),
            Event::Finished(_) => self.finished = true,
            // What has arrived as a whole cannot be taken back.
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

fn wait(waiting: &mut Vec<Waker>, cx: &Context<'_>) {
    if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
        waiting.push(cx.waker().clone());
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
