//! The first program of the page "A TCP server".

// ANCHOR: program
use std::error::Error;
use std::io;
use std::net::SocketAddr;

use ambit::prelude::*;
use ambit::task::Ready;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

struct Service {
    address: SocketAddr,
}

#[supervisor(strategy = RestForOne)]
impl Service {
    /// One task per connection, and a limit for all of them.
    #[child]
    fn connections(&self) -> ChildSpec<TaskSupervisor> {
        TaskSupervisor::builder().max_children(1_000).child_spec()
    }

    #[child]
    fn listener(&self, service: &ServiceSubject) -> ChildSpec<Task> {
        let (address, connections) = (self.address, service.connections());
        ChildSpec::task_with_ready("listener", move |ready| {
            listen(address, connections.clone(), ready)
        })
    }
}

async fn listen(address: SocketAddr, connections: TaskSupervisor, ready: Ready) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    ready.notify(); // the start of the tree waits for this
    loop {
        let (socket, _peer) = listener.accept().await?;
        if let Err(error) = connections.start_task(serve(socket)).await {
            println!("connection rejected: {error}");
        }
    }
}

/// Answers each line in upper case.
async fn serve(socket: TcpStream) -> io::Result<()> {
    let mut socket = BufStream::new(socket);
    let mut line = String::new();
    while socket.read_line(&mut line).await? > 0 {
        socket.write_all(line.to_uppercase().as_bytes()).await?;
        socket.flush().await?;
        line.clear();
    }
    Ok(())
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A free port, so that the program runs anywhere.
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let service = Service { address }.start().await?;

    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"hello\n").await?;
    let mut reply = [0; 6];
    client.read_exact(&mut reply).await?;
    print!("{}", String::from_utf8_lossy(&reply));
    let count = service.connections().count_children().await?;
    println!("{} connection", count.active);

    if let Err(error) = (Service { address }).start().await {
        println!(
            "second start failed: {}",
            error.to_string().contains("`listener`")
        );
    }

    service.stop().await?; // first the listener, then the connections
    println!("closed: {}", client.read(&mut reply).await? == 0);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
