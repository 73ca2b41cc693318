//! The control stream: credits, heartbeats, and the notification that a node leaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::rt::{self, Instant};
use crate::session::Session;
use crate::session::outgoing::NODE;
use crate::session::stats::Stats;
use crate::transport::{ReceiveHalf, SendHalf};
use crate::wire::{Frame, ProcessAddress as Address, Splitter, WireError};

/// How often a node pings, and how many heartbeats may be missed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) every: Duration,
    pub(crate) missed: u32,
}

/// The frames that wait to be written to the control stream.
#[derive(Default)]
pub(crate) struct Control {
    waiting: Mutex<QueuedControl>,
    wake: Notify,
    nonces: AtomicU64,
    rtt_micros: AtomicU64,
}

#[derive(Default)]
struct QueuedControl {
    credits: BTreeMap<Address, u32>,
    pongs: Vec<u64>,
    /// The pings that wait for an answer, and their start times.
    pings: BTreeMap<u64, (Instant, Option<oneshot::Sender<Duration>>)>,
    new_pings: Vec<u64>,
    goaway: bool,
}

/// The maximum number of pings of one node that may wait for their pongs.
const MAX_PINGS: usize = 1_024;

impl Control {
    /// Allows the other node to send this many more messages to a process.
    pub(crate) fn credit(&self, to: Address, count: u32) {
        *self.waiting.lock().credits.entry(to).or_default() += count;
        self.wake.notify_one();
    }

    /// Pings the other node. The receiver yields the round-trip time.
    pub(crate) fn ping(&self) -> oneshot::Receiver<Duration> {
        let (sender, receiver) = oneshot::channel();
        self.send_ping(Some(sender));
        receiver
    }

    fn send_ping(&self, sender: Option<oneshot::Sender<Duration>>) {
        let nonce = self.nonces.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting.lock();
        if waiting.pings.len() < MAX_PINGS {
            waiting.pings.insert(nonce, (rt::now(), sender));
            waiting.new_pings.push(nonce);
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// Notifies the other node that this one leaves.
    pub(crate) fn go_away(&self) {
        self.waiting.lock().goaway = true;
        self.wake.notify_one();
    }

    /// Returns the round-trip time of the last ping.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        match self.rtt_micros.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    /// Takes the frames to write now.
    fn frames(&self, stats: &Stats) -> BytesMut {
        let mut out = BytesMut::new();
        let mut put = |frame: Frame<'_>| {
            frame.encode(&mut out);
            stats.frame_out(frame.kind());
        };
        let mut waiting = self.waiting.lock();
        for (to, count) in std::mem::take(&mut waiting.credits) {
            put(Frame::Credit { to, count });
        }
        for nonce in std::mem::take(&mut waiting.pongs) {
            put(Frame::Pong { nonce });
        }
        for nonce in std::mem::take(&mut waiting.new_pings) {
            put(Frame::Ping { nonce });
        }
        if std::mem::take(&mut waiting.goaway) {
            put(Frame::GoAway);
        }
        out
    }

    fn pong(&self, nonce: u64) {
        let found = self.waiting.lock().pings.remove(&nonce);
        let Some((since, sender)) = found else { return };
        let took = since.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.rtt_micros.store(micros.max(1), Ordering::Relaxed);
        if let Some(sender) = sender {
            sender.send(took).ok();
        }
    }
}

/// The reason for which the control stream ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ControlEnd {
    /// The other node leaves.
    GoAway,
    /// The other node has sent nothing for too long.
    Silent,
    /// The stream has ended.
    Over,
}

/// Writes the waiting frames until the stream ends.
pub(crate) async fn speak(session: Arc<Session>, mut stream: Box<dyn SendHalf>) -> ControlEnd {
    loop {
        let frames = session.control.frames(&session.stats);
        let length = frames.len();
        if frames.is_empty() {
            session.control.wake.notified().await;
        } else if stream.write(frames.freeze()).await.is_err() {
            return ControlEnd::Over;
        }
        session.stats.written(length);
    }
}

/// Watches for heartbeats. It waits only for time, so it also detects a node that accepts no more data.
pub(crate) async fn watch(session: Arc<Session>, heartbeat: Heartbeat) -> ControlEnd {
    let silence = heartbeat.every.saturating_mul(heartbeat.missed);
    // Silence is detected within a quarter of its time.
    let look = (silence / 8).min(heartbeat.every);
    let (mut protocol_cache, mut sent_calls) = (rt::now(), rt::now());
    let mut bytes = session.stats.totals().bytes_in;
    // Windows grow as large as the round trip requires.
    session.control.send_ping(None);
    loop {
        rt::sleep(look).await;
        // Any incoming byte counts as a heartbeat.
        let (now, read) = (rt::now(), session.stats.totals().bytes_in);
        if read != bytes {
            (protocol_cache, bytes) = (now, read);
        }
        if now >= protocol_cache + silence {
            return ControlEnd::Silent;
        }
        if now >= sent_calls + heartbeat.every {
            sent_calls = now;
            session.control.send_ping(None);
        }
    }
}

/// Reads the control frames of the other node.
pub(crate) struct ControlReader {
    session: Arc<Session>,
    stream: Box<dyn ReceiveHalf>,
    splitter: Splitter,
}

impl ControlReader {
    pub(crate) fn new(session: Arc<Session>, stream: Box<dyn ReceiveHalf>) -> Self {
        let splitter = Splitter::new(&session.limits);
        Self {
            session,
            stream,
            splitter,
        }
    }

    /// Reads until the other node leaves or the stream ends. Frames after its goodbye are not read.
    ///
    /// # Cancel safety
    /// No data is lost when the future is dropped.
    pub(crate) async fn listen(&mut self) -> ControlEnd {
        loop {
            match self.session.hear(&mut self.splitter) {
                Ok(Some(true)) => return ControlEnd::GoAway,
                Ok(Some(false)) => continue,
                Ok(None) => {}
                Err(error) => {
                    self.session.close(error.close_code(), error.to_string());
                    return ControlEnd::Over;
                }
            }
            let Ok(Some(chunk)) = self.stream.read().await else {
                return ControlEnd::Over;
            };
            self.session.stats.read(chunk.len());
            self.splitter.feed(chunk);
        }
    }
}

impl Session {
    /// Handles the next frame of the control stream. Returns whether the other node leaves, or `None` if there is no
    /// frame.
    fn hear(&self, splitter: &mut Splitter) -> Result<Option<bool>, WireError> {
        let Some(raw) = splitter.pop()? else {
            return Ok(None);
        };
        self.stats.frame(raw.kind);
        match raw.decode()? {
            None => {}
            Some(Frame::Credit { to: NODE, count }) => {
                for proxy in self.long.grant(count)? {
                    proxy.go_on();
                }
            }
            Some(Frame::Credit { to, count }) => self.peer_incarnation.credit(to, count)?,
            Some(Frame::Ping { nonce }) => {
                let mut waiting = self.control.waiting.lock();
                if waiting.pongs.len() >= MAX_PINGS {
                    let (what, limit) = ("pings", MAX_PINGS);
                    return Err(WireError::TooMany { what, limit });
                }
                waiting.pongs.push(nonce);
                drop(waiting);
                self.control.wake.notify_one();
            }
            Some(Frame::Pong { nonce }) => self.control.pong(nonce),
            Some(Frame::GoAway) => return Ok(Some(true)),
            Some(_) => return Err(WireError::UnknownKind { kind: raw.kind }),
        }
        Ok(Some(false))
    }
}
