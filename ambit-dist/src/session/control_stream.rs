//! Writes and reads the control stream, and watches for heartbeats.

use std::sync::Arc;
use std::time::Duration;

use ambit::distribution::RemoteProxy;

use crate::codecs::any::AnyCodec;
use crate::rt;
use crate::session::control::Heartbeat;
use crate::session::state::Session;
use crate::transport::{ReceiveHalf, SendHalf};
use crate::wire::{Frame, NODE, Splitter, WireError};

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

/// Writes the waiting frames until the stream ends. Once this node has finished the stream, it waits for the end of the
/// session.
pub(crate) async fn speak(session: Arc<Session>, mut stream: Box<dyn SendHalf>) -> ControlEnd {
    loop {
        let frames = session.control.frames(&session.stats);
        let length = frames.len();
        if frames.is_empty() && session.control.is_finished() {
            stream.finish();
            return std::future::pending().await;
        }
        if frames.is_empty() {
            session.control.ready().await;
        } else if stream.write(frames.freeze()).await.is_err() {
            return ControlEnd::Over;
        }
        session.stats.written(length);
    }
}

/// Watches for heartbeats. The watch waits only for time, so it also detects a node that accepts no more data.
pub(crate) async fn watch(session: Arc<Session>, heartbeat: Heartbeat) -> ControlEnd {
    let silence = heartbeat.every.saturating_mul(heartbeat.missed);
    // Silence is detected within a quarter of its time.
    let look = (silence / 8).min(heartbeat.every);
    let mut last_ping = rt::now();
    let mut bytes = session.stats.totals().bytes_in;
    let mut silent = Duration::ZERO;
    // Windows grow as large as the round trip requires.
    session.control.send_ping(None);
    loop {
        let began = rt::now();
        rt::sleep(look).await;
        let (now, read) = (rt::now(), session.stats.totals().bytes_in);
        // A late look shows that this node was stopped. The other node may have sent something meanwhile that is not
        // read yet.
        silent += now.saturating_duration_since(began).min(look * 2);
        // Any incoming byte counts as a heartbeat.
        if read != bytes {
            (silent, bytes) = (Duration::ZERO, read);
        }
        if silent >= silence {
            return ControlEnd::Silent;
        }
        if now >= last_ping + heartbeat.every {
            last_ping = now;
            session.control.send_ping(None);
        }
    }
}

/// Reads the control frames of the other node.
pub(crate) struct ControlReader {
    session: Arc<Session>,
    stream: Box<dyn ReceiveHalf>,
    splitter: Splitter,
    /// True if the other node has announced that it leaves.
    leaves: bool,
    /// The proxy that sends the messages for which credits have arrived.
    sending: Option<Arc<RemoteProxy<AnyCodec>>>,
}

impl ControlReader {
    pub(crate) fn new(session: Arc<Session>, stream: Box<dyn ReceiveHalf>) -> Self {
        let splitter = Splitter::new(&session.limits);
        Self {
            session,
            stream,
            splitter,
            leaves: false,
            sending: None,
        }
    }

    /// Reads until the other node announces that it leaves, or the stream ends. After that announcement, a malformed
    /// frame only ends the stream: the messages of the other node still count.
    ///
    /// # Cancel safety
    /// No data is lost when the future is dropped.
    pub(crate) async fn listen(&mut self) -> ControlEnd {
        loop {
            self.send_granted().await;
            match self.session.hear(&mut self.splitter) {
                Ok(Some(Heard::GoAway)) => {
                    self.leaves = true;
                    return ControlEnd::GoAway;
                }
                Ok(Some(Heard::Credit(proxy))) => {
                    self.sending = Some(proxy);
                    continue;
                }
                Ok(Some(Heard::Other)) => continue,
                Ok(None) => {}
                Err(_) if self.leaves => return ControlEnd::Over,
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

    /// Sends the messages for which credits have arrived. The task yields after some of them: the writer of their lane
    /// may be waiting for this thread.
    async fn send_granted(&mut self) {
        while let Some(proxy) = &self.sending {
            if proxy.send_some() {
                rt::yield_now().await;
            } else {
                self.sending = None;
            }
        }
    }
}

/// A frame of the control stream.
enum Heard {
    /// Credits for the messages of this proxy.
    Credit(Arc<RemoteProxy<AnyCodec>>),
    GoAway,
    Other,
}

impl Session {
    /// Handles the next frame of the control stream. Returns `None` if no complete frame has arrived.
    fn hear(&self, splitter: &mut Splitter) -> Result<Option<Heard>, WireError> {
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
            Some(Frame::Credit { to, count }) => {
                let proxy = self.peer_incarnation.credit(to, count)?;
                return Ok(Some(proxy.map_or(Heard::Other, Heard::Credit)));
            }
            Some(Frame::Ping { nonce }) => self.control.answer_ping(nonce)?,
            Some(Frame::Pong { nonce }) => self.control.pong(nonce),
            Some(Frame::GoAway) => return Ok(Some(Heard::GoAway)),
            Some(_) => return Err(WireError::UnknownKind { kind: raw.kind }),
        }
        Ok(Some(Heard::Other))
    }
}
