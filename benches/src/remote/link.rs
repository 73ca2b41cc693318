//! A hand-written connection: frames through any pair of streams, calls and replies, a writer that batches waiting
//! frames. Its state is dropped when the connection ends.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::frames::{self, Kind, Outbox};
use super::system::Failure;

/// The destination of frames.
pub(crate) trait Sink: Send + 'static {
    /// Sends all of `batch` and leaves it empty.
    fn send(&mut self, batch: &mut BytesMut) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The origin of frames.
pub(crate) trait Source: Send + 'static {
    /// Appends the received bytes to `buffer`; returns false at the end.
    fn fill(&mut self, buffer: &mut BytesMut)
    -> impl Future<Output = Result<bool, Failure>> + Send;
}

/// The far side of a connection: replies until the other side ends it.
pub(crate) async fn answer(mut source: impl Source, sink: impl Sink, handled: Arc<AtomicU64>) {
    let outbox = Outbox::new();
    // Dropping the set aborts the writer, however this function ends.
    let mut writer = JoinSet::new();
    writer.spawn(write(outbox.clone(), sink));
    let mut buffer = BytesMut::new();
    'reading: while let Ok(true) = source.fill(&mut buffer).await {
        loop {
            let frame = match frames::split(&mut buffer) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(_) => break 'reading,
            };
            match frame.kind {
                Kind::Cast => {
                    handled.fetch_add(1, Ordering::Relaxed);
                }
                Kind::Echo => outbox.push(Kind::Reply, frame.id, &frame.body).await,
                Kind::Handled => {
                    let count = handled.load(Ordering::Relaxed).to_le_bytes();
                    outbox.push(Kind::Reply, frame.id, &count).await;
                }
                Kind::Reply => break 'reading,
            }
        }
    }
    outbox.close();
    // An error of the writer means that its reader has ended.
    writer.join_next().await;
}

async fn write(outbox: Arc<Outbox>, mut sink: impl Sink) {
    let mut batch = BytesMut::new();
    while outbox.take(&mut batch).await {
        if sink.send(&mut batch).await.is_err() {
            outbox.close();
        }
    }
}

/// The near side of a connection.
pub(crate) struct Link {
    outbox: Arc<Outbox>,
    waiting: Arc<Waiting>,
    tasks: [JoinHandle<()>; 2],
}

impl Link {
    pub(crate) fn new(source: impl Source, sink: impl Sink) -> Self {
        let outbox = Outbox::new();
        let waiting = Arc::new(Waiting::default());
        let tasks = [
            tokio::spawn(write(outbox.clone(), sink)),
            tokio::spawn(read(source, waiting.clone())),
        ];
        Self {
            outbox,
            waiting,
            tasks,
        }
    }

    pub(crate) async fn echo(&self, bytes: &[u8]) -> Result<Bytes, Failure> {
        self.call(Kind::Echo, bytes).await
    }

    pub(crate) async fn handled(&self) -> Result<u64, Failure> {
        let answer = self.call(Kind::Handled, &[]).await?;
        let count = answer.as_ref().try_into()?;
        Ok(u64::from_le_bytes(count))
    }

    pub(crate) async fn cast(&self, bytes: &[u8]) {
        self.outbox.push(Kind::Cast, 0, bytes).await;
    }

    async fn call(&self, kind: Kind, bytes: &[u8]) -> Result<Bytes, Failure> {
        let (id, answer) = self.waiting.add();
        self.outbox.push(kind, id, bytes).await;
        Ok(answer.await?)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn read(mut source: impl Source, waiting: Arc<Waiting>) {
    let mut buffer = BytesMut::new();
    while let Ok(true) = source.fill(&mut buffer).await {
        while let Ok(Some(frame)) = frames::split(&mut buffer) {
            waiting.answer(frame.id, frame.body);
        }
    }
    waiting.fail();
}

/// The calls without a reply so far, each in a reusable slot.
#[derive(Default)]
struct Waiting {
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    taken: Vec<Option<oneshot::Sender<Bytes>>>,
    free: Vec<u32>,
    is_over: bool,
}

impl Waiting {
    fn add(&self) -> (u32, oneshot::Receiver<Bytes>) {
        let (sender, receiver) = oneshot::channel();
        let mut places = self.places.lock();
        if places.is_over {
            return (0, receiver);
        }
        let id = places.free.pop().unwrap_or_else(|| {
            places.taken.push(None);
            places.taken.len() as u32 - 1
        });
        places.taken[id as usize] = Some(sender);
        (id, receiver)
    }

    fn answer(&self, id: u32, body: Bytes) {
        let mut places = self.places.lock();
        let place = places.taken.get_mut(id as usize);
        if let Some(caller) = place.and_then(Option::take) {
            places.free.push(id);
            drop(places);
            // A caller that dropped its call needs no reply.
            let _ = caller.send(body);
        }
    }

    /// Fails all waiting calls.
    fn fail(&self) {
        let mut places = self.places.lock();
        places.is_over = true;
        places.taken.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::tcp::{Reader, Writer};

    /// Returns both sides of a connection in memory.
    fn both() -> (Link, JoinHandle<()>) {
        let (near, far) = tokio::io::duplex(64);
        let (source, sink) = tokio::io::split(far);
        let handled = Arc::new(AtomicU64::new(0));
        let far = tokio::spawn(answer(Reader(source), Writer(sink), handled));
        let (source, sink) = tokio::io::split(near);
        (Link::new(Reader(source), Writer(sink)), far)
    }

    #[tokio::test]
    async fn calls_come_back_and_casts_are_counted() {
        let (link, _far) = both();
        let long = vec![7; 100_000];
        for _ in 0..10 {
            link.cast(&long).await;
        }
        let (first, second) = tokio::join!(link.echo(&long), link.echo(b"two"));
        assert_eq!(first.unwrap(), long);
        assert_eq!(second.unwrap().as_ref(), b"two");
        assert_eq!(link.handled().await.unwrap(), 10);
    }

    #[tokio::test]
    async fn the_end_of_the_far_side_fails_the_calls() {
        let (link, far) = both();
        assert!(link.echo(b"one").await.is_ok());
        far.abort();
        assert!(far.await.unwrap_err().is_cancelled());
        assert!(link.echo(b"two").await.is_err());
    }

    #[tokio::test]
    async fn the_end_of_the_near_side_ends_the_far_side() {
        let (link, far) = both();
        drop(link);
        far.await.unwrap();
    }
}
