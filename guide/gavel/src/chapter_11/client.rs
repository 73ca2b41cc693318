use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Sends a request, such as `GET /lots`, and returns the connection.
async fn send(address: SocketAddr, request: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let text = format!("{request} HTTP/1.1\r\nhost: gavel\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    Ok(stream)
}

/// Sends a request, and prints it with the status and the body of the response.
pub async fn show(address: SocketAddr, request: &str) -> io::Result<()> {
    let mut text = String::new();
    let mut stream = send(address, request).await?;
    stream.read_to_string(&mut text).await?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).unwrap_or("no status");
    println!("{request}: {status}");
    for line in body.lines() {
        println!("  {line}");
    }
    Ok(())
}

/// A stream of server-sent events.
pub struct Feed(BufReader<TcpStream>);

impl Feed {
    /// Returns when the server has sent the head of the response.
    pub async fn open(address: SocketAddr, path: &str) -> io::Result<Self> {
        let stream = send(address, &format!("GET {path}")).await?;
        let mut feed = Self(BufReader::new(stream));
        while feed.line().await?.is_some_and(|line| !line.is_empty()) {}
        Ok(feed)
    }

    /// Returns the next event, or `None` at the end of the stream.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        while let Some(line) = self.line().await? {
            if let Some(data) = line.strip_prefix("data: ") {
                return Ok(Some(data.to_owned()));
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let length = self.0.read_line(&mut line).await?;
        Ok((length > 0).then(|| line.trim_end().to_owned()))
    }
}
