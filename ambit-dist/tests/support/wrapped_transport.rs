//! A transport in memory whose calls pass through the code of a test.

use std::fmt::{self, Debug, Formatter};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ambit_dist::transport::{
    BoxFuture, Closed, Connection, Dial, DialError, Incoming, MemoryTransport, ReceiveHalf,
    SendHalf, Transport, TransportStats,
};
use ambit_dist::wire::CloseCode;

/// The code of a test.
pub(crate) trait Wrapper: Send + Sync + 'static {
    /// Called when a connection is asked for its address or its statistics, and when it is dropped.
    fn called(&self) {}

    /// Replaces an incoming stream.
    fn receive(self: Arc<Self>, half: Box<dyn ReceiveHalf>, _: Origin) -> Box<dyn ReceiveHalf> {
        half
    }
}

/// The origin of an incoming stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The control stream, which this node opened.
    Control,
    /// A stream that the other node opened, by its number in the connection.
    Opened(usize),
}

/// A transport whose outgoing connections are wrapped.
pub(crate) struct WrappedTransport<W>(pub(crate) MemoryTransport, pub(crate) Arc<W>);

struct WrappedConnection<W: Wrapper> {
    inner: Box<dyn Connection>,
    wrapper: Arc<W>,
    /// The number of streams that the other node has opened.
    opened: AtomicUsize,
}

impl<W> Debug for WrappedTransport<W> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<W: Wrapper> Debug for WrappedConnection<W> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<W: Wrapper> Drop for WrappedConnection<W> {
    fn drop(&mut self) {
        self.wrapper.called();
    }
}

impl<W: Wrapper> Transport for WrappedTransport<W> {
    fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        let (dialling, wrapper) = (self.0.dial(dial), self.1.clone());
        Box::pin(async move {
            let connection = WrappedConnection {
                inner: dialling.await?,
                wrapper,
                opened: AtomicUsize::new(0),
            };
            Ok(Box::new(connection) as Box<dyn Connection>)
        })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        self.0.accept()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}

type BothHalves = (Box<dyn SendHalf>, Box<dyn ReceiveHalf>);

impl<W: Wrapper> Connection for WrappedConnection<W> {
    fn peer_certificate(&self) -> Option<rustls::pki_types::CertificateDer<'static>> {
        self.inner.peer_certificate()
    }

    fn is_trusted(&self) -> bool {
        self.inner.is_trusted()
    }

    fn remote_addr(&self) -> SocketAddr {
        self.wrapper.called();
        self.inner.remote_addr()
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        self.inner.open_uni()
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        Box::pin(async {
            let half = self.inner.accept_uni().await?;
            let number = self.opened.fetch_add(1, Ordering::Relaxed);
            let wrapper = self.wrapper.clone();
            Ok(wrapper.receive(half, Origin::Opened(number)))
        })
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        Box::pin(async {
            let (send, half) = self.inner.open_bi().await?;
            let wrapper = self.wrapper.clone();
            Ok((send, wrapper.receive(half, Origin::Control)))
        })
    }

    fn accept_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        self.inner.accept_bi()
    }

    fn close(&self, code: CloseCode, text: &str) {
        self.inner.close(code, text);
    }

    fn closed(&self) -> BoxFuture<'_, Closed> {
        self.inner.closed()
    }

    fn stats(&self) -> TransportStats {
        self.wrapper.called();
        self.inner.stats()
    }
}
