//! Connects quinn to the simulated network. The traits of both crates will change in their next releases; only this
//! file depends on them.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use parking_lot::Mutex;
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncTimer, AsyncUdpSocket, Runtime, UdpPoller};
use turmoil::net::UdpSocket;

use super::current_run;
use super::network::Fate;
use super::trace::sum;

type Readable = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A socket of a host. Received datagrams wait in the network's bounded queue, which drops what exceeds it.
pub(crate) struct SimSocket {
    inner: Arc<UdpSocket>,
    address: SocketAddr,
    /// True if all sent bytes derive from the seed and are therefore compared in replays.
    seeded: bool,
    readable: Mutex<Option<Readable>>,
}

impl SimSocket {
    /// Binds a port of the current host; 0 chooses a free one.
    pub(crate) fn bind(host: &str, port: u16, seeded: bool) -> io::Result<Arc<Self>> {
        let mut binding = pin!(UdpSocket::bind(("0.0.0.0", port)));
        // Binding completes at once in a simulated kernel.
        let Poll::Ready(bound) = binding
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let inner = Arc::new(bound?);
        let address = SocketAddr::new(turmoil::lookup(host), inner.local_addr()?.port());
        let readable = Mutex::default();
        Ok(Arc::new(Self {
            inner,
            address,
            seeded,
            readable,
        }))
    }

    fn sum(&self, bytes: &[u8]) -> u32 {
        if self.seeded { sum(bytes) } else { 0 }
    }
}

impl AsyncUdpSocket for SimSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let (to, bytes) = (transmit.destination, transmit.contents);
        let times = match current_run::with(|run| run.send(to.ip(), bytes.len(), self.sum(bytes))) {
            Some(Fate::Lost) => 0,
            Some(Fate::Once) | None => 1,
            Some(Fate::Twice) => 2,
        };
        for _ in 0..times {
            // As on a real network, the sender is not notified of a missing host.
            let _ = self.inner.try_send_to(bytes, to);
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut readable = self.readable.lock();
        loop {
            if let Some(waits) = readable.as_mut() {
                ready!(waits.as_mut().poll(cx))?;
                *readable = None;
            }
            match self.inner.try_recv_from(&mut bufs[0]) {
                Ok((len, addr)) => {
                    let _ = current_run::with(|run| {
                        run.received(addr.ip(), len, self.sum(&bufs[0][..len]))
                    });
                    let about = RecvMeta::default();
                    meta[0] = RecvMeta {
                        addr,
                        len,
                        stride: len,
                        ..about
                    };
                    return Poll::Ready(Ok(1));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let inner = self.inner.clone();
                    *readable = Some(Box::pin(async move { inner.readable().await }));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    /// Prevents quinn from probing for a larger MTU: all sizes pass here.
    fn may_fragment(&self) -> bool {
        true
    }
}

impl fmt::Debug for SimSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimSocket")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A runtime on the current host, with its virtual clock.
#[derive(Debug)]
pub(crate) struct SimRuntime;

impl Runtime for SimRuntime {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn AsyncTimer>> {
        Box::pin(SimTimer(Box::pin(tokio::time::sleep_until(at.into()))))
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        tokio::spawn(future);
    }

    fn wrap_udp_socket(&self, _: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let text = "a simulated host has no real sockets: use `Host::socket`";
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

#[derive(Debug)]
struct SimTimer(Pin<Box<tokio::time::Sleep>>);

impl AsyncTimer for SimTimer {
    fn reset(mut self: Pin<&mut Self>, at: Instant) {
        self.0.as_mut().reset(at.into());
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Future::poll(self.0.as_mut(), cx)
    }
}
