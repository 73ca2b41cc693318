//! What the page "A TCP server" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::io;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::StreamEnd;
use ambit::test::settle;
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
    duplex, split,
};
use tokio_stream::wrappers::LinesStream;
// ANCHOR_END: imports

// ANCHOR: session
/// One client. Its lines are messages, so it can receive other messages and timers in between.
struct Session {
    output: Box<dyn AsyncWrite + Send + Sync + Unpin>,
    lines: u32,
}

const IDLE: Duration = Duration::from_secs(60);

#[gen_server(mailbox = 16)]
impl Session {
    #[init]
    fn new(ctx: &mut Context<Self>, stream: DuplexStream) -> Self {
        let (input, output) = split(stream); // of a `TcpStream`: `into_split()`
        ctx.attach_to_end(LinesStream::new(BufReader::new(input).lines()));
        ctx.idle_timeout(IDLE);
        Self {
            output: Box::new(output),
            lines: 0,
        }
    }

    #[info]
    async fn on_line(
        &mut self,
        ctx: &mut Context<Self>,
        line: io::Result<String>,
    ) -> io::Result<()> {
        self.lines += 1;
        let answer = format!("{}: {}\n", self.lines, line?);
        self.output.write_all(answer.as_bytes()).await?;
        ctx.idle_timeout(IDLE);
        Ok(())
    }

    #[cast]
    async fn notify(&mut self, ctx: &mut Context<Self>, text: String) -> io::Result<()> {
        let notice = format!("* {text}\n");
        self.output.write_all(notice.as_bytes()).await?;
        ctx.idle_timeout(IDLE); // every message cancels it
        Ok(())
    }

    #[info]
    fn on_silence(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.stop(ExitReason::shutdown_with("idle"));
    }

    #[info]
    fn on_end(&mut self, ctx: &mut Context<Self>, _: StreamEnd) {
        ctx.stop(ExitReason::Normal);
    }
}

#[ambit::test]
async fn a_session_has_state_and_a_timeout() -> Result<(), Box<dyn Error>> {
    let sessions = DynamicSupervisor::builder()
        .max_children(1_000)
        .start()
        .await?;
    let (client, server) = duplex(1024);
    let session = ChildSpec::once(Session::start(server)).restart(Restart::Temporary);
    let session = sessions.start_child(session).await?;

    let (input, mut output) = split(client);
    let mut input = BufReader::new(input).lines();
    output.write_all(b"hello\n").await?;
    assert_eq!(input.next_line().await?.as_deref(), Some("1: hello"));
    session.notify("maintenance at noon".into()).await?;
    let notice = input.next_line().await?;
    assert_eq!(notice.as_deref(), Some("* maintenance at noon"));

    let end = session.monitor();
    assert_eq!(end.await.reason.to_string(), "shutdown: idle");
    assert_eq!(input.next_line().await?, None); // the server has closed the connection
    assert_eq!(sessions.count_children().await?.specs, 0);
    Ok(())
}
// ANCHOR_END: session

// ANCHOR: limit
#[ambit::test]
async fn more_connections_than_allowed_are_rejected() -> Result<(), Box<dyn Error>> {
    let connections = TaskSupervisor::builder().max_children(1).start().await?;
    let forever = std::future::pending::<()>;
    connections.start_task(forever()).await?;
    let second = connections.start_task(forever()).await;
    assert_eq!(second.err(), Some(ChildError::MaxChildren));
    Ok(())
}
// ANCHOR_END: limit

// ANCHOR: timeout
/// The whole request has to arrive within ten seconds.
async fn request(input: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 64];
    let mut input = input;
    let read = tokio::time::timeout(Duration::from_secs(10), input.read_exact(&mut bytes));
    match read.await {
        Ok(read) => read.map(|_| bytes),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client is too slow",
        )),
    }
}

#[ambit::test]
async fn a_slow_client_is_disconnected() -> Result<(), Box<dyn Error>> {
    let (client, server) = duplex(1024);
    let connection =
        Task::spawn_unlinked(async move { request(server).await.map_err(|e| e.kind()) });
    settle().await;
    assert_eq!(connection.await?, Err(io::ErrorKind::TimedOut));
    drop(client);
    Ok(())
}
// ANCHOR_END: timeout
