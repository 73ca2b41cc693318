//! The whole service on loopback, with real connections and the real clock.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use service::run::Service;
use service::settings::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

fn settings() -> Settings {
    Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        ..Settings::default()
    }
}

/// Sends the head of a request.
async fn send(address: SocketAddr, request: &str, length: usize) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// Returns the response as text.
async fn answer(mut stream: TcpStream, body: &str) -> std::io::Result<String> {
    stream.write_all(body.as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

async fn request(address: SocketAddr, request: &str, body: &str) -> std::io::Result<String> {
    let stream = send(address, request, body.len()).await?;
    answer(stream, body).await
}

#[ambit::test(real_time)]
async fn it_shortens_redirects_counts_and_drains() -> Result<(), Box<dyn Error>> {
    let service = Service::start(settings()).await?;
    let address = service.address()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let run = service.run_until(async { stopped.await.unwrap_or_default() });
        run.await.map_err(|error| error.to_string())
    });

    assert!(request(address, "GET /health", "").await?.ends_with("ok"));
    let link = r#"{"target":"https://example.com/"}"#;
    let created = request(address, "POST /links", link).await?;
    assert!(created.starts_with("HTTP/1.1 201"), "{created}");
    assert!(created.ends_with(r#"{"code":"1"}"#), "{created}");
    let redirect = request(address, "GET /1", "").await?;
    assert!(
        redirect.contains("location: https://example.com/"),
        "{redirect}"
    );
    let shown = request(address, "GET /links/1", "").await?;
    assert!(
        shown.ends_with(r#"{"target":"https://example.com/","visits":1}"#),
        "{shown}"
    );
    assert!(request(address, "GET /2", "").await?.contains("404"));
    let rejected = request(address, "POST /links", r#"{"target":"tea"}"#).await?;
    assert!(rejected.starts_with("HTTP/1.1 422"), "{rejected}");

    // A request is in progress when the service stops. It is answered; a new connection is not.
    let in_progress = send(address, "POST /links", link.len()).await?;
    request(address, "GET /health", "").await?;
    stop.send(()).ok();
    let last = answer(in_progress, link).await?;
    assert!(last.ends_with(r#"{"code":"2"}"#), "{last}");
    running.await??;
    assert!(TcpStream::connect(address).await.is_err());
    Ok(())
}
