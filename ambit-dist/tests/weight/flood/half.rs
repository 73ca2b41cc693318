//! First packets of handshakes that never continue.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ambit_dist::Credentials;
use ambit_dist::transport::{Dial, Quic, QuicSettings, Transport};
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, TokioRuntime, UdpPoller};
use tokio::sync::mpsc;

/// A socket that records sent packets and receives nothing.
#[derive(Debug)]
struct Deaf(mpsc::UnboundedSender<Vec<u8>>);

impl AsyncUdpSocket for Deaf {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let _ = self.0.send(transmit.contents.to_vec());
        Ok(())
    }

    fn poll_recv(
        &self,
        _: &mut Context<'_>,
        _: &mut [IoSliceMut<'_>],
        _: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from(([127, 0, 0, 1], 1)))
    }
}

#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Returns the first packets of this many handshakes, each with everything that a node checks.
pub(crate) async fn handshakes(credentials: &Credentials, count: usize) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    while packets.len() < count {
        let (sent, mut kept) = mpsc::unbounded_channel();
        let runtime = Arc::new(TokioRuntime);
        let settings = QuicSettings::default();
        let deaf = Quic::over(Arc::new(Deaf(sent)), runtime, None, credentials, settings);
        let dialling = deaf.unwrap().dial(Dial {
            address: SocketAddr::from(([127, 0, 0, 1], 2)),
            server_name: "any.test.ambit".to_owned(),
        });
        // The rest of the handshake would be a retransmission.
        packets.push(kept.recv().await.unwrap());
        drop(dialling);
    }
    packets
}
