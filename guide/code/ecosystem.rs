//! What the page "Streams, axum and tower" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::{Attached, StreamEnd, SubjectService};
use ambit::test::settle;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tower::{Service, ServiceBuilder, ServiceExt};
// ANCHOR_END: imports

// ANCHOR: upload
struct Upload {
    bytes: usize,
    is_complete: bool,
    chunks: Option<Attached>,
}

#[gen_server(mailbox = 16)]
impl Upload {
    #[init]
    fn new() -> Self {
        Self {
            bytes: 0,
            is_complete: false,
            chunks: None,
        }
    }

    #[cast]
    fn read(&mut self, ctx: &mut Context<Self>, chunks: mpsc::Receiver<Vec<u8>>) {
        self.chunks = Some(ctx.attach_to_end(ReceiverStream::new(chunks)));
    }

    #[cast]
    fn cancel(&mut self) {
        if let Some(chunks) = self.chunks.take() {
            chunks.detach();
        }
    }

    #[info]
    fn chunk(&mut self, chunk: Vec<u8>) {
        self.bytes += chunk.len();
    }

    #[info]
    fn end(&mut self, _: StreamEnd) {
        self.is_complete = true;
    }

    #[call]
    fn progress(&self) -> (usize, bool) {
        (self.bytes, self.is_complete)
    }

    #[call]
    async fn verify(&mut self) -> bool {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.is_complete
    }
}
// ANCHOR_END: upload

// ANCHOR: attach
#[ambit::test]
async fn a_stream_is_read_to_its_end() -> Result<(), Box<dyn Error>> {
    let upload = Upload::start().await?;
    let (chunks, receiver) = mpsc::channel(1);
    upload.read(receiver).await?;
    for _ in 0..10 {
        chunks.send(vec![0; 1024]).await?;
    }
    settle().await;
    assert_eq!(upload.progress().await?, (10_240, false));

    drop(chunks);
    settle().await;
    assert_eq!(upload.progress().await?, (10_240, true));
    Ok(())
}
// ANCHOR_END: attach

// ANCHOR: detach
#[ambit::test]
async fn a_detached_stream_is_dropped() -> Result<(), Box<dyn Error>> {
    let upload = Upload::start().await?;
    let (chunks, receiver) = mpsc::channel(1);
    upload.read(receiver).await?;
    upload.cancel().await?;
    chunks.closed().await;

    // The end of the server also drops it.
    let (chunks, receiver) = mpsc::channel(1);
    upload.read(receiver).await?;
    upload.stop().await?;
    chunks.closed().await;
    Ok(())
}
// ANCHOR_END: detach

// ANCHOR: tower
#[ambit::test]
async fn a_full_mailbox_sheds_load() -> Result<(), tower::BoxError> {
    let upload = Upload::start().mailbox(1).await?;
    let verify = SubjectService::new(&upload, |(), reply| UploadCall::Verify { reply });
    let mut service = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(100)
        .service(verify);

    let first = service.ready().await?.call(());
    settle().await; // it is being handled: the one slot is free again
    let second = service.ready().await?.call(());
    let third = service.ready().await?.call(());
    assert_eq!(third.await.unwrap_err().to_string(), "service overloaded");
    assert!(!first.await.unwrap() && !second.await.unwrap());
    Ok(())
}
// ANCHOR_END: tower

// ANCHOR: permit
#[ambit::test]
async fn a_slot_first_and_the_message_later() -> Result<(), Box<dyn Error>> {
    let upload = Upload::start().await?;
    let permit = upload.as_ref().reserve().await?;
    // .. read from a socket, and build the request ..
    let progress = permit.call(|reply| UploadCall::Progress { reply });
    assert_eq!(progress.await?, (0, false));
    Ok(())
}
// ANCHOR_END: permit
