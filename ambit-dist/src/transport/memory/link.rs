//! The shared state of both ends of an in-process connection, as pure code.
//!
//! An event informs one end of an action of the other end. A blocked direction queues its events in order until it is
//! unblocked, which implements both cuts and delays. All queues are bounded: data by the window of each stream, and
//! streams by their number.

pub(super) mod released;
mod streams;

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use self::released::Released;

use crate::transport::Closed;
use crate::wire::CloseCode;

/// The maximum number of open streams of one direction, unidirectional and bidirectional.
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

/// The sides that write on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamKind {
    /// Only the side that opened it.
    Uni,
    /// Both sides.
    Bi,
}

/// A stream, and the side that reads it.
type PipeId = (u64, Side);

/// An action of one end that the other must learn.
#[derive(Debug)]
enum Event {
    Opened(StreamKind, u64),
    Data(u64, Bytes),
    Finished(u64),
    Reset(u64, CloseCode),
    Stopped(u64, CloseCode),
    /// This many bytes of the stream were read.
    Read(u64, usize),
    /// A stream that this end had opened is finished.
    Ended(StreamKind),
    Closed(Closed),
}

#[derive(Debug, Default)]
struct EndState {
    closed: Option<Closed>,
    arrived: [VecDeque<u64>; 2],
    /// Streams that this end opened and that the other end does not see before their first bytes.
    unseen: [VecDeque<u64>; 2],
    open: [usize; 2],
    sent: u64,
    received: u64,
    waiting: Vec<Waker>,
}

/// The events on their way to one end.
#[derive(Debug, Default)]
struct EventQueue {
    blocked: bool,
    events: VecDeque<Event>,
}

/// The bytes of one direction of one stream.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    chunks: VecDeque<Bytes>,
    /// Bytes written and not yet read, as far as the writer knows.
    used: usize,
    finished: bool,
    reset: Option<CloseCode>,
    /// As far as the writer knows.
    stopped: Option<CloseCode>,
    ended_by_writer: bool,
    ended_by_reader: bool,
    pub(super) reader: Option<Waker>,
    pub(super) writer: Option<Waker>,
    gone: [bool; 2],
}

/// Both ends, the events between them, and all streams.
#[derive(Debug, Default)]
pub(super) struct Link {
    ends: [EndState; 2],
    queues: [EventQueue; 2],
    pipes: BTreeMap<PipeId, Pipe>,
    next: u64,
    released: Released,
}

impl Link {
    /// Opens a stream from this side, or waits for one of its streams to end.
    pub(super) fn poll_open(
        &mut self,
        side: Side,
        kind: StreamKind,
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
        if kind == StreamKind::Bi {
            self.pipes.insert((id, side), Pipe::default());
        }
        self.ends[side as usize].unseen[kind as usize].push_back(id);
        Poll::Ready(Ok(id))
    }

    /// Returns the next stream of the other side.
    pub(super) fn poll_accept(
        &mut self,
        side: Side,
        kind: StreamKind,
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

    /// Returns how the connection ended for this side.
    pub(super) fn poll_closed(&mut self, side: Side, cx: &mut Context<'_>) -> Poll<Closed> {
        let end = &mut self.ends[side as usize];
        if let Some(closed) = &end.closed {
            return Poll::Ready(closed.clone());
        }
        wait(&mut end.waiting, cx);
        Poll::Pending
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

    /// Ends the connection for one side only, with this cause.
    pub(super) fn end(&mut self, side: Side, how: Closed) {
        self.ends[side as usize].closed.get_or_insert(how);
        self.wake_end(side);
        for pipe in self.pipes.values_mut() {
            self.released.wake(pipe.reader.take());
            self.released.wake(pipe.writer.take());
        }
    }

    /// Takes out the wakers that the changes so far release.
    pub(super) fn take_released(&mut self) -> Released {
        mem::take(&mut self.released)
    }

    /// Returns whether both ends know that the connection is over.
    pub(super) fn is_over(&self) -> bool {
        self.ends.iter().all(|end| end.closed.is_some())
    }

    /// Returns the number of bytes written and read by this side.
    pub(super) fn counted(&self, side: Side) -> (u64, u64) {
        let end = &self.ends[side as usize];
        (end.sent, end.received)
    }

    /// Blocks the direction to this side, or unblocks it and delivers its events.
    pub(super) fn block(&mut self, to: Side, blocked: bool) {
        self.queues[to as usize].blocked = blocked;
        if blocked {
            return;
        }
        while let Some(event) = self.queues[to as usize].events.pop_front() {
            self.arrive(to, event);
        }
    }

    /// Shows a stream to the other end, together with those of its kind that were opened before, as QUIC does.
    fn show(&mut self, side: Side, id: u64) {
        for kind in [StreamKind::Uni, StreamKind::Bi] {
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
        let queue = &mut self.queues[to as usize];
        if queue.blocked {
            queue.events.push_back(event);
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
                    self.released.wake(pipe.reader.take());
                }
            }
            Event::Stopped(id, _) | Event::Read(id, _) => {
                if let Some(pipe) = self.pipes.get_mut(&(id, at.other())) {
                    pipe.hear(event);
                    self.released.wake(pipe.writer.take());
                }
            }
        }
    }

    fn wake_end(&mut self, side: Side) {
        self.released
            .wake(self.ends[side as usize].waiting.drain(..));
    }
}

fn wait(waiting: &mut Vec<Waker>, cx: &Context<'_>) {
    if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
        waiting.push(cx.waker().clone());
    }
}
