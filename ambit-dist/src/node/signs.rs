//! A session that carries nothing but signs of life, and the word that a node leaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::node::heads::Halves;
use crate::transport::{Closed, Connection, ReadError};
use crate::wire::{CloseCode, Frame, Limits, RawFrame, Splitter, WireError};

/// How often a node says that it lives, and how often it may miss that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) every: Duration,
    pub(crate) missed: u32,
}

/// A connection on which both nodes have agreed.
pub(crate) struct Opened {
    pub(crate) connection: Arc<dyn Connection>,
    /// The control stream, after the handshake.
    pub(crate) control: Halves,
    pub(crate) limits: Limits,
    pub(crate) heartbeat: Heartbeat,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// This node ended it.
    Here(CloseCode, String),
    /// The other node has left.
    Left,
    /// It gave no sign of life.
    Silent,
    /// The connection ended.
    Connection(Closed),
}

/// An open session with another node.
#[derive(Default)]
pub(crate) struct Session {
    waiting: Mutex<Waiting>,
    wake: Notify,
    rtt_micros: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// What waits to be said.
#[derive(Default)]
struct Waiting {
    closing: Option<(CloseCode, String)>,
    pings: BTreeMap<u64, (Instant, Option<oneshot::Sender<Duration>>)>,
    last: u64,
    out: BytesMut,
}

/// How many answers may wait to be written, in bytes: as much as comes in before anything can go out.
const BACKLOG: usize = 1 << 20;

impl Session {
    /// Asks the other node for a sign of life; the time that it took.
    pub(crate) fn ping(&self) -> oneshot::Receiver<Duration> {
        let (sender, receiver) = oneshot::channel();
        self.send_ping(Some(sender));
        receiver
    }

    fn send_ping(&self, sender: Option<oneshot::Sender<Duration>>) {
        let mut waiting = self.waiting.lock();
        waiting.last += 1;
        let nonce = waiting.last;
        waiting.pings.insert(nonce, (Instant::now(), sender));
        Frame::Ping { nonce }.encode(&mut waiting.out);
        drop(waiting);
        self.wake.notify_one();
    }

    /// Ends it, for this reason; the first one counts.
    pub(crate) fn close(&self, code: CloseCode, text: impl Into<String>) {
        let mut waiting = self.waiting.lock();
        waiting.closing.get_or_insert_with(|| (code, text.into()));
        drop(waiting);
        self.wake.notify_one();
    }

    /// Tells the other node that this one leaves. It closes the connection when it has read that.
    pub(crate) fn leave(&self) {
        Frame::GoAway.encode(&mut self.waiting.lock().out);
        self.wake.notify_one();
    }

    /// The time of the last ping, there and back.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        let micros = self.rtt_micros.load(Ordering::Relaxed);
        (micros > 0).then(|| Duration::from_micros(micros))
    }

    /// Bytes that came and went.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.bytes_in), read(&self.bytes_out))
    }

    fn pong(&self, nonce: u64) {
        let found = self.waiting.lock().pings.remove(&nonce);
        let Some((since, sender)) = found else {
            return;
        };
        let took = since.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.rtt_micros.store(micros.max(1), Ordering::Relaxed);
        if let Some(sender) = sender {
            sender.send(took).ok();
        }
    }

    /// What the other node says; true if it leaves.
    fn hear(&self, frame: &RawFrame) -> Result<bool, WireError> {
        match frame.decode()? {
            Some(Frame::Ping { nonce }) => {
                let mut waiting = self.waiting.lock();
                Frame::Pong { nonce }.encode(&mut waiting.out);
                let is_too_much = waiting.out.len() > BACKLOG;
                drop(waiting);
                if is_too_much {
                    self.close(CloseCode::Overloaded, "too many pings");
                }
                self.wake.notify_one();
            }
            Some(Frame::Pong { nonce }) => self.pong(nonce),
            Some(Frame::GoAway) => return Ok(true),
            Some(_) => return Err(WireError::UnknownKind { kind: frame.kind }),
            None => {}
        }
        Ok(false)
    }
}

/// Opens a session. What is sent is kept until the future is polled.
pub(crate) fn open(opened: Opened) -> (Arc<Session>, impl Future<Output = Ended> + Send) {
    let session = Arc::<Session>::default();
    let running = run(session.clone(), opened);
    let ending = session.clone();
    let running = async move {
        let ended = running.await;
        ending.waiting.lock().pings.clear();
        ended
    };
    (session, running)
}

async fn run(session: Arc<Session>, opened: Opened) -> Ended {
    let Opened {
        connection,
        control: (mut send, mut receive),
        limits,
        heartbeat,
    } = opened;
    let silence = heartbeat.every.saturating_mul(heartbeat.missed);
    let mut splitter = Splitter::new(&limits);
    let mut heard = Instant::now();
    let mut asked = heard;
    loop {
        let (out, closing) = {
            let mut waiting = session.waiting.lock();
            (waiting.out.split().freeze(), waiting.closing.take())
        };
        if let Some((code, text)) = closing {
            connection.close(code, &text);
            return Ended::Here(code, text);
        }
        session
            .bytes_out
            .fetch_add(out.len() as u64, Ordering::Relaxed);
        if send.write(out).await.is_err() {
            return Ended::Connection(connection.closed().await);
        }
        tokio::select! {
            biased;
            chunk = receive.read() => {
                heard = Instant::now();
                match take(&session, &mut splitter, chunk) {
                    Ok(false) => {}
                    Ok(true) => {
                        connection.close(CloseCode::GoAway, "");
                        return Ended::Left;
                    }
                    Err(None) => return Ended::Connection(connection.closed().await),
                    Err(Some(error)) => session.close(error.close_code(), error.to_string()),
                }
            }
            () = session.wake.notified() => {}
            () = sleep_until(heard + silence) => {
                connection.close(CloseCode::Internal, "no sign of life");
                return Ended::Silent;
            }
            () = sleep_until(asked + heartbeat.every) => {
                asked = Instant::now();
                session.send_ping(None);
            }
        }
    }
}

/// What came: whether the other node leaves. No error where the stream has ended.
fn take(
    session: &Session,
    splitter: &mut Splitter,
    chunk: Result<Option<bytes::Bytes>, ReadError>,
) -> Result<bool, Option<WireError>> {
    let Ok(Some(chunk)) = chunk else {
        return Err(None);
    };
    session
        .bytes_in
        .fetch_add(chunk.len() as u64, Ordering::Relaxed);
    splitter.feed(chunk);
    while let Some(frame) = splitter.pop().map_err(Some)? {
        if session.hear(&frame).map_err(Some)? {
            return Ok(true);
        }
    }
    Ok(false)
}
