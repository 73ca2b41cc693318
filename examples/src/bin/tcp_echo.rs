//! A TCP server as a tree: a listener that is ready when it has its port, and a supervised task for each connection.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use ambit::prelude::*;
use ambit::task::{Ready, TaskSupervisor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Echo {
    address: SocketAddr,
}

#[supervisor(strategy = RestForOne)]
impl Echo {
    #[child]
    fn connections(&self) -> ChildSpec<TaskSupervisor> {
        TaskSupervisor::builder().max_children(1_000).child_spec()
    }

    /// A port that is in use fails the start.
    #[child]
    fn listener(&self, echo: &EchoSubject) -> ChildSpec<Task> {
        let (address, connections) = (self.address, echo.connections());
        ChildSpec::task_with_ready("listener", move |ready| {
            listen(address, connections.clone(), ready)
        })
    }
}

async fn listen(address: SocketAddr, connections: TaskSupervisor, ready: Ready) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    ready.notify();
    loop {
        let (socket, _) = listener.accept().await?;
        if let Err(error) = connections.start_task(answer(socket)).await {
            println!("a connection is refused: {error}");
        }
    }
}

/// Echoes its input in upper case.
async fn answer(mut socket: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let read = socket.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        buffer[..read].make_ascii_uppercase();
        socket.write_all(&buffer[..read]).await?;
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Uses a free port, so that the example runs anywhere.
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let echo = Echo { address }.start().await?;

    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"hello").await?;
    let mut reply = [0; 5];
    client.read_exact(&mut reply).await?;
    println!("the server answers {}", String::from_utf8_lossy(&reply));
    let tasks = echo.connections().count_children().await?.active;
    println!("connections: {tasks}");

    let second = Echo { address }.start().await;
    let in_use = second.is_err_and(|error| error.to_string().contains("`listener`"));
    println!("a second server on this port does not start: {in_use}");
    Ok(())
}
