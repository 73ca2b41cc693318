//! Frames: length, kind, number of the call, body. And the buffer in which they wait until the writer takes them all.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::system::Failure;

/// The size of the header after the length.
const HEAD: usize = 5;
/// The maximum length; no workload has longer frames.
const LONGEST: usize = 2 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Cast = 0,
    Echo = 1,
    Handled = 2,
    Reply = 3,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) id: u32,
    pub(crate) body: Bytes,
}

pub(crate) fn put(to: &mut BytesMut, kind: Kind, id: u32, body: &[u8]) {
    to.reserve(4 + HEAD + body.len());
    to.put_u32_le((HEAD + body.len()) as u32);
    to.put_u8(kind as u8);
    to.put_u32_le(id);
    to.put_slice(body);
}

/// Removes the first frame, if it is complete.
pub(crate) fn split(from: &mut BytesMut) -> Result<Option<Frame>, Failure> {
    let Some((length, _)) = from.split_first_chunk() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length) as usize;
    if !(HEAD..=LONGEST).contains(&length) {
        return Err("a frame of a length that nobody sends".into());
    }
    if from.len() < 4 + length {
        return Ok(None);
    }
    from.advance(4);
    let kind = match from.get_u8() {
        0 => Kind::Cast,
        1 => Kind::Echo,
        2 => Kind::Handled,
        3 => Kind::Reply,
        _ => return Err("a frame of a kind that nobody sends".into()),
    };
    let id = from.get_u32_le();
    let body = from.split_to(length - HEAD).freeze();
    Ok(Some(Frame { kind, id, body }))
}

/// Frames that wait for the writer, as encoded bytes.
pub(crate) struct Outbox {
    state: Mutex<State>,
    some: Notify,
    room: Notify,
}

#[derive(Default)]
struct State {
    waiting: BytesMut,
    is_closed: bool,
}

/// Beyond this size a task must wait before it adds a frame.
const FULL: usize = 1 << 20;

impl Outbox {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            some: Notify::new(),
            room: Notify::new(),
        })
    }

    /// Adds a frame, and waits for capacity; a closed outbox discards it.
    pub(crate) async fn push(&self, kind: Kind, id: u32, body: &[u8]) {
        while !self.try_push(kind, id, body) {
            let mut room = pin!(self.room.notified());
            room.as_mut().enable();
            if self.try_push(kind, id, body) {
                return;
            }
            room.await;
        }
    }

    fn try_push(&self, kind: Kind, id: u32, body: &[u8]) -> bool {
        let mut state = self.state.lock();
        if state.is_closed {
            return true;
        }
        if state.waiting.len() > FULL {
            return false;
        }
        let was_empty = state.waiting.is_empty();
        put(&mut state.waiting, kind, id, body);
        drop(state);
        if was_empty {
            self.some.notify_one();
        }
        true
    }

    /// Waits for frames and swaps all of them with the empty `batch`; returns false when there will be no more.
    pub(crate) async fn take(&self, batch: &mut BytesMut) -> bool {
        loop {
            {
                let mut state = self.state.lock();
                if !state.waiting.is_empty() {
                    std::mem::swap(&mut state.waiting, batch);
                    drop(state);
                    self.room.notify_waiters();
                    return true;
                }
                if state.is_closed {
                    return false;
                }
            }
            self.some.notified().await;
        }
    }

    /// Closes the outbox: later frames are discarded.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.some.notify_one();
        self.room.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_whole_wherever_they_are_cut() {
        let mut sent = BytesMut::new();
        put(&mut sent, Kind::Echo, 7, b"seven");
        put(&mut sent, Kind::Reply, 8, b"");
        for cut in 0..=sent.len() {
            let mut buffer = BytesMut::from(&sent[..cut]);
            let mut frames = Vec::new();
            frames.extend(split(&mut buffer).unwrap());
            buffer.extend_from_slice(&sent[cut..]);
            while let Some(frame) = split(&mut buffer).unwrap() {
                frames.push(frame);
            }
            assert_eq!(frames.len(), 2, "cut at {cut}");
            assert_eq!((frames[0].id, &frames[0].body[..]), (7, &b"seven"[..]));
            assert_eq!((frames[1].kind, frames[1].id), (Kind::Reply, 8));
        }
    }

    #[test]
    fn an_invalid_frame_is_rejected() {
        for bytes in [[0; 9], [255; 9], [5, 0, 0, 0, 9, 0, 0, 0, 0]] {
            assert!(split(&mut BytesMut::from(&bytes[..])).is_err(), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_full_box_makes_its_senders_wait() {
        let outbox = Outbox::new();
        let body = vec![0; FULL];
        outbox.push(Kind::Cast, 0, &body).await;
        let other = outbox.clone();
        let waits = tokio::spawn(async move { other.push(Kind::Cast, 1, b"late").await });
        let mut batch = BytesMut::new();
        assert!(outbox.take(&mut batch).await);
        assert_eq!(split(&mut batch).unwrap().map(|frame| frame.id), Some(0));
        waits.await.unwrap();
        batch.clear();
        assert!(outbox.take(&mut batch).await);
        assert_eq!(split(&mut batch).unwrap().map(|frame| frame.id), Some(1));
    }

    #[tokio::test]
    async fn a_closed_box_gives_what_it_has_and_then_nothing() {
        let outbox = Outbox::new();
        outbox.push(Kind::Cast, 0, b"last").await;
        outbox.close();
        outbox.push(Kind::Cast, 1, b"lost").await;
        let mut batch = BytesMut::new();
        assert!(outbox.take(&mut batch).await);
        batch.clear();
        assert!(!outbox.take(&mut batch).await);
    }
}
