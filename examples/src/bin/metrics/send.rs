//! A producer: sends a log to a service, and waits until it has been counted.
//!
//! It only knows that each line ends with a line break, and that the reply contains the number of counted lines.

use std::io;
use std::num::NonZeroU64;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;
use crate::args::SendArgs;
use crate::source::Log;

/// The maximum length of the reply.
const MAX_REPLY: u64 = 64;

/// Sends a log; returns the message for the user.
pub(crate) async fn send(args: SendArgs) -> Result<String, Failure> {
    let mut log = Log::open(Some(&args.file), NonZeroU64::MIN)?;
    let address = &args.address;
    let refused = |error| {
        let question = format!("is `metrics serve {address}` running?");
        Failure::Unusable(format!("cannot connect to {address}: {error}; {question}"))
    };
    let mut stream = TcpStream::connect(address).await.map_err(refused)?;
    let mut sent = 0;
    while let Some(batch) = log.next_batch()? {
        let mut bytes = batch.join(&b'\n');
        bytes.push(b'\n');
        let written = stream.write_all(&bytes).await;
        written.map_err(|error| broken(sent, &error))?;
        sent += batch.len() as u64;
    }
    let answer = confirmation(&mut stream).await;
    let answer = answer.map_err(|error| broken(sent, &error))?;
    if answer == format!("{sent} lines\n") {
        Ok(format!("{sent} lines sent and counted\n"))
    } else {
        let missing = "the service has not confirmed them";
        let text = format!("{sent} lines were sent, and {missing}: {answer:?}");
        Err(Failure::Other(text.into()))
    }
}

fn broken(sent: u64, error: &io::Error) -> Failure {
    Failure::Other(format!("the connection broke after {sent} lines: {error}").into())
}

/// Closes the sending side, and reads the reply.
async fn confirmation(stream: &mut TcpStream) -> io::Result<String> {
    stream.shutdown().await?;
    let mut answer = String::new();
    let mut limited = stream.take(MAX_REPLY);
    limited.read_to_string(&mut answer).await?;
    Ok(answer)
}
