//! The ends of an in-process connection, as implementations of the traits.

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use rustls::pki_types::CertificateDer;

use super::faults::ReadRates;
use super::link::{Side, StreamKind};
use super::shared_link::SharedLink;
use crate::rt::{self, Sleep};
use crate::transport::{
    BoxFuture, Closed, Connection, MAX_CHUNK, ReadError, ReceiveHalf, SendHalf, TransportStats,
    WriteError,
};
use crate::wire::CloseCode;

/// One side of a link. The connection closes when the last of these is dropped.
#[derive(Debug)]
pub(super) struct End {
    pub(super) link: Arc<SharedLink>,
    pub(super) side: Side,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) read_rates: ReadRates,
}

impl Drop for End {
    fn drop(&mut self) {
        self.link
            .with(|link| link.close(self.side, CloseCode::Normal, ""));
    }
}

/// One side of a connection.
pub(super) struct MemoryConnection {
    pub(super) end: Arc<End>,
    pub(super) certificate: Option<CertificateDer<'static>>,
}

impl MemoryConnection {
    fn writer(&self, id: u64) -> Box<dyn SendHalf> {
        let end = self.end.clone();
        Box::new(Writer { end, id })
    }

    /// Returns the half that reads a stream, with a kind if the other side opened it.
    fn reader(&self, id: u64, opened_there: Option<StreamKind>) -> Box<dyn ReceiveHalf> {
        Box::new(Reader {
            end: self.end.clone(),
            id,
            opened_there,
            pause: None,
        })
    }

    async fn open(&self, kind: StreamKind) -> Result<u64, Closed> {
        let side = self.end.side;
        poll_fn(|cx| self.end.link.with(|link| link.poll_open(side, kind, cx))).await
    }

    async fn accept(&self, kind: StreamKind) -> Result<u64, Closed> {
        let side = self.end.side;
        poll_fn(|cx| self.end.link.with(|link| link.poll_accept(side, kind, cx))).await
    }
}

impl Connection for MemoryConnection {
    fn peer_certificate(&self) -> Option<CertificateDer<'static>> {
        self.certificate.clone()
    }

    fn is_trusted(&self) -> bool {
        self.certificate.is_none()
    }

    fn remote_addr(&self) -> SocketAddr {
        self.end.remote
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        Box::pin(async { Ok(self.writer(self.open(StreamKind::Uni).await?)) })
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        Box::pin(async {
            let id = self.accept(StreamKind::Uni).await?;
            Ok(self.reader(id, Some(StreamKind::Uni)))
        })
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>> {
        Box::pin(async {
            let id = self.open(StreamKind::Bi).await?;
            Ok((self.writer(id), self.reader(id, None)))
        })
    }

    fn accept_bi(
        &self,
    ) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>> {
        Box::pin(async {
            let id = self.accept(StreamKind::Bi).await?;
            Ok((self.writer(id), self.reader(id, Some(StreamKind::Bi))))
        })
    }

    fn close(&self, code: CloseCode, text: &str) {
        let side = self.end.side;
        self.end.link.with(|link| link.close(side, code, text));
    }

    fn closed(&self) -> BoxFuture<'_, Closed> {
        Box::pin(poll_fn(|cx| {
            let side = self.end.side;
            self.end.link.with(|link| link.poll_closed(side, cx))
        }))
    }

    fn stats(&self) -> TransportStats {
        let side = self.end.side;
        let (sent, received) = self.end.link.with(|link| link.counted(side));
        TransportStats::counted(sent, received)
    }
}

impl fmt::Debug for MemoryConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MemoryConnection({} to {})",
            self.end.local, self.end.remote
        )
    }
}

struct Writer {
    end: Arc<End>,
    id: u64,
}

impl SendHalf for Writer {
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>> {
        let (side, id) = (self.end.side, self.id);
        (self.end.link).with(|link| link.poll_write(side, id, cx, bytes))
    }

    /// Memory has no packets that could be reordered by priority.
    fn set_priority(&self, _: i32) {}

    fn finish(&mut self) {
        let (side, id) = (self.end.side, self.id);
        (self.end.link).with(|link| link.end_writing(side, id, None));
    }

    fn reset(&mut self, code: CloseCode) {
        let (side, id) = (self.end.side, self.id);
        (self.end.link).with(|link| link.end_writing(side, id, Some(code)));
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let (side, id) = (self.end.side, self.id);
        self.end.link.with(|link| {
            link.end_writing(side, id, None);
            link.forget(id, side.other(), false, None);
        });
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({} of {})", self.id, self.end.local)
    }
}

struct Reader {
    end: Arc<End>,
    id: u64,
    opened_there: Option<StreamKind>,
    /// The pause of a slow reader.
    pause: Option<Pin<Box<Sleep>>>,
}

impl ReceiveHalf for Reader {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        let read_rate = self.end.read_rates.of(self.end.local);
        if let (Some(_), Some(pause)) = (read_rate, &mut self.pause) {
            ready!(pause.as_mut().poll(cx));
        }
        self.pause = None;
        let most = read_rate.map_or(MAX_CHUNK, |read_rate| read_rate.bytes);
        let (side, id) = (self.end.side, self.id);
        let read = (self.end.link).with(|link| link.poll_read(side, id, cx, most));
        let read = ready!(read);
        if let Some(read_rate) = read_rate {
            let until = rt::after(read_rate.every);
            self.pause = Some(Box::pin(rt::sleep_until(until)));
        }
        Poll::Ready(read)
    }

    fn stop(&mut self, code: CloseCode) {
        let (side, id) = (self.end.side, self.id);
        (self.end.link).with(|link| link.end_reading(side, id, code));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let (side, id) = (self.end.side, self.id);
        self.end.link.with(|link| {
            link.end_reading(side, id, CloseCode::Normal);
            link.forget(id, side, true, self.opened_there);
        });
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({} of {})", self.id, self.end.local)
    }
}
