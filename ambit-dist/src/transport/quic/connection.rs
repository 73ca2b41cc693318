//! A QUIC connection and its streams, as implementations of the traits.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};

use bytes::Bytes;
use quinn::{Connection as Quinn, RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;

use super::error_mapping;
use super::settings::RECEIVE_WINDOW;
use super::window::{self, Window};
use crate::transport::{
    BoxFuture, Closed, Connection, MAX_CHUNK, ReadError, ReceiveHalf, SendHalf, TransportStats,
    WriteError,
};
use crate::wire::CloseCode;

#[derive(Debug)]
pub(super) struct QuicConnection {
    quinn: Quinn,
    /// The current maximum of unacknowledged bytes.
    window: Arc<AtomicU64>,
}

impl QuicConnection {
    pub(super) fn new(quinn: Quinn) -> Self {
        let window = Arc::new(AtomicU64::new(window::LEAST));
        Self { quinn, window }
    }

    fn writer(&self, stream: SendStream) -> Box<dyn SendHalf> {
        let window = Window::new(self.quinn.clone(), self.window.clone());
        Box::new(Writer { stream, window })
    }
}

impl Connection for QuicConnection {
    fn peer_certificate(&self) -> Option<CertificateDer<'static>> {
        self.peer_certificates().into_iter().next()
    }

    fn peer_certificates(&self) -> Vec<CertificateDer<'static>> {
        let chain = self.quinn.peer_identity();
        let chain = chain.and_then(|chain| chain.downcast::<Vec<CertificateDer<'static>>>().ok());
        chain.map(|chain| *chain).unwrap_or_default()
    }

    fn begin_session(&self) {
        let window = VarInt::from_u32(RECEIVE_WINDOW);
        self.quinn.set_receive_window(window);
    }

    fn remote_addr(&self) -> SocketAddr {
        canonical(self.quinn.remote_address())
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        Box::pin(async {
            let stream = self.quinn.open_uni().await.map_err(error_mapping::closed)?;
            Ok(self.writer(stream))
        })
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        Box::pin(async {
            let stream = self
                .quinn
                .accept_uni()
                .await
                .map_err(error_mapping::closed)?;
            Ok(reader(stream))
        })
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>> {
        Box::pin(async {
            let (send, receive) = self.quinn.open_bi().await.map_err(error_mapping::closed)?;
            Ok((self.writer(send), reader(receive)))
        })
    }

    fn accept_bi(
        &self,
    ) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>> {
        Box::pin(async {
            let (send, receive) = self
                .quinn
                .accept_bi()
                .await
                .map_err(error_mapping::closed)?;
            Ok((self.writer(send), reader(receive)))
        })
    }

    fn close(&self, code: CloseCode, text: &str) {
        self.quinn
            .close(error_mapping::number(code), text.as_bytes());
    }

    fn closed(&self) -> BoxFuture<'_, Closed> {
        Box::pin(async { error_mapping::closed(self.quinn.closed().await) })
    }

    fn stats(&self) -> TransportStats {
        let stats = self.quinn.stats();
        TransportStats {
            rtt: stats.path.rtt,
            bytes_sent: stats.udp_tx.bytes,
            bytes_received: stats.udp_rx.bytes,
            lost_packets: stats.path.lost_packets,
            mtu: stats.path.current_mtu,
        }
    }
}

/// Converts an IPv4-mapped address to IPv4. A socket for both families reports IPv4 addresses as IPv6. Another IPv6
/// address keeps its scope, without which a link-local one leads nowhere.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(mapped) => SocketAddr::new(mapped.into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

fn reader(stream: RecvStream) -> Box<dyn ReceiveHalf> {
    Box::new(Reader {
        stream,
        stopped: false,
    })
}

// The calls below want a stream that is finished, stopped or gone; their errors report that it already is.

#[derive(Debug)]
struct Writer {
    stream: SendStream,
    window: Window,
}

impl SendHalf for Writer {
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(()));
        }
        // The waker is stored in the stream, not in the future, so a new future each time loses no wake-up.
        let writing = pin!(self.stream.write_chunks(slice::from_mut(bytes)));
        let written = std::task::ready!(writing.poll(cx)).map_err(error_mapping::write)?;
        self.window.wrote(written.bytes);
        Poll::Ready(Ok(()))
    }

    fn set_priority(&self, priority: i32) {
        let _ = self.stream.set_priority(priority);
    }

    fn finish(&mut self) {
        let _ = self.stream.finish();
    }

    fn reset(&mut self, code: CloseCode) {
        let _ = self.stream.reset(error_mapping::number(code));
    }
}

#[derive(Debug)]
struct Reader {
    stream: RecvStream,
    /// Set when this side stopped the stream, which QUIC would report as the end of the bytes.
    stopped: bool,
}

impl ReceiveHalf for Reader {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        if self.stopped {
            return Poll::Ready(Err(ReadError::Stopped));
        }
        let reading = pin!(self.stream.read_chunk(MAX_CHUNK, true));
        reading.poll(cx).map(|read| {
            let chunk = read.map_err(error_mapping::read)?;
            Ok(chunk.map(|chunk| chunk.bytes))
        })
    }

    fn stop(&mut self, code: CloseCode) {
        let _ = self.stream.stop(error_mapping::number(code));
        self.stopped = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mapped_addresses_are_converted() {
        let of = |text: &str| canonical(text.parse().unwrap()).to_string();
        assert_eq!(of("[::ffff:10.0.0.1]:9000"), "10.0.0.1:9000");
        for own in ["10.0.0.1:9000", "[2001:db8::1]:9000", "[fe80::1%3]:9000"] {
            assert_eq!(of(own), own);
        }
    }
}
