//! The process of one connection, and the one that waits for connections.
//!
//! A producer sends lines and is told how many were counted when it has closed its side. What it sends is handed on as it comes, and
//! nothing more is read meanwhile, so a producer that is faster than the tree is slowed down by its own connection. A line counts
//! when its end has come: a producer that vanishes may leave half a number behind.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::batch::Framer;
use crate::feeder::FeedError;
use crate::intake::Intake;
use crate::tree::ServiceSubject;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;
/// How long to wait when no connection can be taken, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections, each as a child of its own, as long as the service stands.
pub(crate) async fn let_in(listener: Arc<TcpListener>, service: ServiceSubject) {
    for number in 0.. {
        match listener.accept().await {
            Ok((stream, _)) => {
                let intake = Intake::new(&service.metrics(), number);
                let started = service.producers().start_child(spec(stream, intake)).await;
                // It can only fail when the service ends, and with it this process.
                started.ok();
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// A connection cannot be made again, so its process is not restarted.
fn spec(stream: TcpStream, intake: Intake) -> ChildSpec<Task<()>> {
    let parts = Mutex::new(Some((stream, intake)));
    let once = move || {
        let parts = parts.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            match parts {
                Some((stream, intake)) => serve(stream, intake).await,
                None => Ok(()),
            }
        }
    };
    ChildSpec::task("producer", once)
        .restart(Restart::Temporary)
        .shutdown(Shutdown::Brutal)
}

/// Takes the lines of one producer.
async fn serve(mut stream: TcpStream, mut intake: Intake) -> Result<(), FeedError> {
    let mut framer = Framer::new(0);
    while let Ok(true) = more(&stream, &mut framer).await {
        if let Some(batch) = framer.take() {
            intake.take(batch).await?;
        }
    }
    if framer.is_inside_line() {
        intake.take_unfinished().await?;
    }
    let lines = intake.finish().await?;
    // Whoever did not wait for the answer does not need it.
    let _ = stream
        .write_all(format!("{lines} lines\n").as_bytes())
        .await;
    Ok(())
}

/// Reads what has come; false at the end. While it waits it holds no buffer.
async fn more(stream: &TcpStream, framer: &mut Framer) -> io::Result<bool> {
    loop {
        stream.readable().await?;
        let mut chunk = [0; CHUNK];
        match stream.try_read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
            Ok(read) => {
                framer.push_all(&chunk[..read]);
                return Ok(read > 0);
            }
        }
    }
}
