//! A producer: sends a log to a service, and waits until it has been counted.
//!
//! A separate module from the service, because it is the other end of the connection: it only knows that each line ends
//! with a line break, and that the reply contains the number of counted lines.

use std::num::NonZeroU64;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::args::SendArgs;
use crate::source::{Log, SourceError};

/// The maximum length of the reply.
const ANSWER_AT_MOST: u64 = 64;

/// The reason why a log was not counted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("cannot connect to {0}: {1}; is `metrics serve {0}` running?")]
    Connect(String, std::io::Error),
    #[error("the connection broke after {0} lines: {1}")]
    Broken(u64, std::io::Error),
    #[error("{sent} lines were sent, and the service has not confirmed them: {answer:?}")]
    Unconfirmed { sent: u64, answer: String },
}

/// Sends a log; returns the message for the user.
pub(crate) async fn send(args: &SendArgs) -> Result<String, SendError> {
    let mut log = Log::open(&args.source, NonZeroU64::MIN)?;
    let refused = |error| SendError::Connect(args.address.clone(), error);
    let mut stream = TcpStream::connect(&args.address).await.map_err(refused)?;
    let mut sent = 0;
    while let Some(batch) = log.next_batch()? {
        let mut bytes = Vec::new();
        for line in batch.lines_from(0) {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        let written = stream.write_all(&bytes).await;
        written.map_err(|error| SendError::Broken(sent, error))?;
        sent += batch.len() as u64;
    }
    let answer = confirmation(&mut stream).await;
    let answer = answer.map_err(|error| SendError::Broken(sent, error))?;
    if answer == format!("{sent} lines\n") {
        Ok(format!("{sent} lines sent and counted\n"))
    } else {
        Err(SendError::Unconfirmed { sent, answer })
    }
}

/// Closes the sending side, and reads the reply.
async fn confirmation(stream: &mut TcpStream) -> std::io::Result<String> {
    stream.shutdown().await?;
    let mut answer = String::new();
    let mut limited = stream.take(ANSWER_AT_MOST);
    limited.read_to_string(&mut answer).await?;
    Ok(answer)
}
