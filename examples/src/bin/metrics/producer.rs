//! The process of one connection, and the one that accepts connections.
//!
//! A producer sends lines, and receives their number after it has closed its side. Its lines are passed on as they
//! arrive, and nothing more is read meanwhile, so the connection slows down a producer that is faster than the tree. A
//! line counts when its end has arrived: a producer that disconnects may leave half a number behind.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::ServiceSubject;
use crate::feeder::FeedError;
use crate::framer::Framer;
use crate::intake::Intake;
use crate::parser::Findings;
use crate::report::Fault;

/// The size of one read.
const CHUNK: usize = 64 * 1024;
/// The pause when no connection can be accepted, for example with too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections, each as a child of its own, as long as the service runs.
pub(crate) async fn accept(listener: Arc<TcpListener>, service: ServiceSubject) {
    for number in 0.. {
        match listener.accept().await {
            Ok((stream, _)) => {
                let intake = Intake::new(&service.metrics(), number);
                let started = service.producers().start_child(spec(stream, intake)).await;
                // This fails only when the service ends, and this process with it.
                started.ok();
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// A connection cannot be re-established, so its process is not restarted.
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

/// Receives the lines of one producer.
async fn serve(mut stream: TcpStream, mut intake: Intake) -> Result<(), FeedError> {
    let (mut framer, mut chunk) = (Framer::default(), vec![0; CHUNK]);
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        framer.push(&chunk[..read]);
        if let Some(batch) = framer.take() {
            intake.take(batch).await?;
        }
    }
    if framer.is_inside_line() {
        intake.feed(Findings::of_fault(Fault::Unfinished)).await?;
    }
    let reply = format!("{} lines\n", intake.finish().await?);
    // A producer that has disconnected does not need the reply.
    stream.write_all(reply.as_bytes()).await.ok();
    Ok(())
}
