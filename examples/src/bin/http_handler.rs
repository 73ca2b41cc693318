//! A server behind HTTP: the handlers are plain tokio tasks, and the most common call errors map to status codes.
#![forbid(unsafe_code)]

use ambit::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sells tickets.
struct Tickets(u32);

#[gen_server]
impl Tickets {
    /// Sells one ticket and returns how many are left; `None` if it is sold out.
    #[call]
    fn buy(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }

    /// Never completes, so the call times out.
    #[call(timeout = std::time::Duration::from_millis(20))]
    async fn count(&mut self) -> Option<u32> {
        std::future::pending().await
    }
}

/// Chooses the status code, so that the client knows whether to retry.
async fn respond(path: &[u8], tickets: &TicketsSubject) -> (&'static str, String) {
    let outcome = match path {
        b"/buy" => tickets.buy().await,
        b"/count" => tickets.count().await,
        _ => return ("404 Not Found", "no such page".into()),
    };
    match outcome {
        Ok(Some(left)) => ("200 OK", format!("{left} left")),
        Ok(None) => ("409 Conflict", "sold out".into()),
        Err(late @ CallError::Timeout) => ("504 Gateway Timeout", late.to_string()),
        Err(gone @ CallError::NoProcess) => ("503 Service Unavailable", gone.to_string()),
        Err(other) => ("500 Internal Server Error", other.to_string()),
    }
}

/// Serves one request in a plain task: a handle works outside processes.
async fn serve(mut stream: TcpStream, tickets: TicketsSubject) -> std::io::Result<()> {
    let mut request = [0; 256];
    let length = stream.read(&mut request).await?;
    let mut words = request[..length].split(u8::is_ascii_whitespace);
    let (status, body) = respond(words.nth(1).unwrap_or_default(), &tickets).await;
    stream
        .write_all(format!("HTTP/1.0 {status}\r\n\r\n{body}").as_bytes())
        .await
}

async fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut text = format!("GET {path} HTTP/1.0\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    text.clear();
    stream.read_to_string(&mut text).await?;
    Ok(text.replace("HTTP/1.0", path).replace("\r\n\r\n", ": "))
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tickets = Tickets(1).start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (port, handle) = (listener.local_addr()?.port(), tickets.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, handle.clone()));
        }
    });
    for path in ["/buy", "/buy", "/sell", "/count"] {
        println!("{}", get(port, path).await?);
    }
    ambit::exit(&tickets, ExitReason::Kill);
    tickets.closed().await;
    println!("{}", get(port, "/buy").await?);
    Ok(())
}
