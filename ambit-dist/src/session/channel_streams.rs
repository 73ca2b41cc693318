//! Writes and reads the streams of the cluster channels.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::session::channels::{Channel, ChannelFrame, Channels, take_frame};
use crate::session::state::Session;
use crate::session::writer::write_failed;
use crate::transport::{ReceiveHalf, SendHalf};
use crate::wire::CloseCode;

impl Session {
    /// Returns the channels of the cluster, if both nodes take part in its membership.
    pub(crate) fn channels(&self) -> Option<&Channels> {
        self.channels.as_ref()
    }
}

/// Returns the channel whose stream begins with this byte, if the session has channels.
pub(super) fn channel_of(session: &Session, preamble: u8) -> Option<Channel> {
    session.channels()?;
    Channel::of_preamble(preamble)
}

/// Writes one channel until the session ends.
pub(super) async fn write(session: Arc<Session>, channel: Channel, mut stream: Box<dyn SendHalf>) {
    let Some(channels) = session.channels() else {
        return;
    };
    stream.set_priority(channel.priority());
    let preamble = Bytes::copy_from_slice(&[channel.preamble()]);
    if stream.write(preamble).await.is_err() {
        return;
    }
    let queue = channels.queue(channel);
    while !queue.is_closed() {
        while let Some(batch) = queue.batch() {
            let length = batch.len();
            if let Err(error) = stream.write(batch).await {
                return write_failed(&session, &error).await;
            }
            session.stats.written(length);
        }
        queue.wake.notified().await;
    }
}

/// Reads one channel until the session ends. A full receiver delays only this stream.
pub(super) async fn read(
    session: Arc<Session>,
    channel: Channel,
    mut stream: Box<dyn ReceiveHalf>,
    first: Bytes,
) {
    let Some(channels) = session.channels() else {
        return;
    };
    let inbox = channels.inbox.of(channel);
    let mut bytes = BytesMut::from(first);
    loop {
        loop {
            let frame = match take_frame(&mut bytes, channel) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(length) => {
                    let text = format!("a frame of {length} bytes on the {channel:?} channel");
                    return session.close(CloseCode::TooLarge, text);
                }
            };
            let frame = ChannelFrame {
                from: session.peer_id().clone(),
                session: channels.session,
                bytes: frame,
            };
            if inbox.send(frame).await.is_err() {
                return;
            }
        }
        match stream.read().await {
            Ok(Some(chunk)) => {
                session.stats.read(chunk.len());
                bytes.extend_from_slice(&chunk);
            }
            // The connection reports how it ended.
            Ok(None) | Err(_) => return,
        }
    }
}
