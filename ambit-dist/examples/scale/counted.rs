//! A transport that counts what it writes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use ambit_dist::transport::{
    BoxFuture, Closed, Connection, Dial, DialError, Incoming, ReceiveHalf, SendHalf, Transport,
    TransportStats, WriteError,
};
use ambit_dist::wire::CloseCode;
use bytes::Bytes;

/// The writes of one or more transports, and their bytes.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    pub(crate) writes: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

/// Another transport, a connection of it, or a stream of that.
#[derive(Debug)]
pub(crate) struct Counted<T> {
    inner: T,
    counter: Arc<Counter>,
}

impl<T> Counted<T> {
    pub(crate) fn new(inner: T, counter: &Arc<Counter>) -> Self {
        let counter = counter.clone();
        Self { inner, counter }
    }
}

type BoxConnection = Box<dyn Connection>;
type BoxSend = Box<dyn SendHalf>;
type BoxReceive = Box<dyn ReceiveHalf>;

impl<T: Transport> Transport for Counted<T> {
    fn local_addr(&self) -> SocketAddr {
        self.inner.local_addr()
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<BoxConnection, DialError>> {
        let (dialled, counter) = (self.inner.dial(dial), self.counter.clone());
        Box::pin(async move {
            let connection = Counted::new(dialled.await?, &counter);
            Ok(Box::new(connection) as BoxConnection)
        })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        Box::pin(async {
            let incoming = self.inner.accept().await?;
            let counter = self.counter.clone();
            Some(Incoming::new(incoming.remote_addr(), async move {
                let connection = Counted::new(incoming.finish().await?, &counter);
                Ok(Box::new(connection) as BoxConnection)
            }))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

impl Connection for Counted<BoxConnection> {
    fn peer_certificate(&self) -> Option<rustls::pki_types::CertificateDer<'static>> {
        self.inner.peer_certificate()
    }

    fn is_trusted(&self) -> bool {
        self.inner.is_trusted()
    }

    fn begin_session(&self) {
        self.inner.begin_session();
    }

    fn remote_addr(&self) -> SocketAddr {
        self.inner.remote_addr()
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<BoxSend, Closed>> {
        Box::pin(async {
            let sender = Counted::new(self.inner.open_uni().await?, &self.counter);
            Ok(Box::new(sender) as BoxSend)
        })
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<BoxReceive, Closed>> {
        self.inner.accept_uni()
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<(BoxSend, BoxReceive), Closed>> {
        Box::pin(async {
            let (sender, receiver) = self.inner.open_bi().await?;
            let sender = Counted::new(sender, &self.counter);
            Ok((Box::new(sender) as BoxSend, receiver))
        })
    }

    fn accept_bi(&self) -> BoxFuture<'_, Result<(BoxSend, BoxReceive), Closed>> {
        Box::pin(async {
            let (sender, receiver) = self.inner.accept_bi().await?;
            let sender = Counted::new(sender, &self.counter);
            Ok((Box::new(sender) as BoxSend, receiver))
        })
    }

    fn close(&self, code: CloseCode, text: &str) {
        self.inner.close(code, text);
    }

    fn closed(&self) -> BoxFuture<'_, Closed> {
        self.inner.closed()
    }

    fn stats(&self) -> TransportStats {
        self.inner.stats()
    }
}

impl SendHalf for Counted<BoxSend> {
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>> {
        let length = bytes.len();
        let written = self.inner.poll_write(cx, bytes);
        if length > bytes.len() {
            let length = u64::try_from(length - bytes.len()).unwrap_or(u64::MAX);
            self.counter.writes.fetch_add(1, Ordering::Relaxed);
            self.counter.bytes.fetch_add(length, Ordering::Relaxed);
        }
        written
    }

    fn set_priority(&self, priority: i32) {
        self.inner.set_priority(priority);
    }

    fn finish(&mut self) {
        self.inner.finish();
    }

    fn reset(&mut self, code: CloseCode) {
        self.inner.reset(code);
    }
}
