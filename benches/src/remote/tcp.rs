//! Hand-written TCP: the upper limit for two processes without TLS.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::link::{self, Link, Sink, Source};
use super::pki::Secrets;
use super::system::{Failure, System};

pub(crate) struct Tcp;

impl System for Tcp {
    type Far = JoinHandle<()>;
    type Near = ();
    type Session = Arc<Link>;

    async fn serve(_: &Secrets) -> Result<(Self::Far, SocketAddr), Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok((tokio::spawn(accept(listener)), address))
    }

    async fn near(_: &Secrets, _: u64) -> Result<(), Failure> {
        Ok(())
    }

    async fn connect((): &(), far: SocketAddr) -> Result<Self::Session, Failure> {
        let stream = TcpStream::connect(far).await?;
        stream.set_nodelay(true)?;
        let (source, sink) = stream.into_split();
        Ok(Arc::new(Link::new(Reader(source), Writer(sink))))
    }

    async fn echo(session: &Self::Session, bytes: Bytes) -> Result<Bytes, Failure> {
        session.echo(&bytes).await
    }

    async fn cast(session: &Self::Session, bytes: Bytes) -> Result<(), Failure> {
        session.cast(&bytes).await;
        Ok(())
    }

    async fn handled(session: &Self::Session) -> Result<u64, Failure> {
        session.handled().await
    }

    async fn close((): (), session: Self::Session) {
        drop(session);
    }
}

async fn accept(listener: TcpListener) {
    let handled = Arc::new(AtomicU64::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        if stream.set_nodelay(true).is_ok() {
            let (source, sink) = stream.into_split();
            tokio::spawn(link::answer(Reader(source), Writer(sink), handled.clone()));
        }
    }
}

pub(crate) struct Reader<T>(pub(crate) T);

impl<T: AsyncRead + Unpin + Send + 'static> Source for Reader<T> {
    async fn fill(&mut self, buffer: &mut BytesMut) -> Result<bool, Failure> {
        buffer.reserve(64 << 10);
        Ok(self.0.read_buf(buffer).await? > 0)
    }
}

pub(crate) struct Writer<T>(pub(crate) T);

impl<T: AsyncWrite + Unpin + Send + 'static> Sink for Writer<T> {
    async fn send(&mut self, batch: &mut BytesMut) -> Result<(), Failure> {
        self.0.write_all(batch).await?;
        batch.clear();
        Ok(self.0.flush().await?)
    }
}
