//! The first program of the page "Drain, then stop".

// ANCHOR: program
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::prelude::*;
use ambit::task::Ready;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// `true` on the channel asks connections to end after the current request.
type Draining = watch::Sender<bool>;

struct Service {
    address: SocketAddr,
    draining: Draining,
}

#[supervisor(strategy = RestForOne)]
impl Service {
    #[child]
    fn connections(&self) -> ChildSpec<TaskSupervisor> {
        TaskSupervisor::child_spec()
    }

    #[child]
    fn listener(&self, service: &ServiceSubject) -> ChildSpec<Task> {
        let (address, draining) = (self.address, self.draining.clone());
        let connections = service.connections();
        ChildSpec::task_with_ready("listener", move |ready| {
            listen(address, connections.clone(), draining.clone(), ready)
        })
    }
}

async fn listen(
    address: SocketAddr,
    connections: TaskSupervisor,
    draining: Draining,
    ready: Ready,
) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    ready.notify();
    loop {
        let (socket, _) = listener.accept().await?;
        let connection = serve(socket, draining.subscribe());
        if let Err(error) = connections.start_task(connection).await {
            println!("connection rejected: {error}");
        }
    }
}

async fn serve(socket: TcpStream, mut draining: watch::Receiver<bool>) -> io::Result<()> {
    let mut socket = BufStream::new(socket);
    let mut line = String::new();
    loop {
        tokio::select! {
            biased;
            read = socket.read_line(&mut line) => if read? == 0 { return Ok(()) },
            _ = draining.wait_for(|is_draining| *is_draining) => return Ok(()),
        }
        socket.write_all(b"working\n").await?;
        socket.flush().await?;
        sleep(Duration::from_millis(50)).await; // the work
        socket.write_all(line.to_uppercase().as_bytes()).await?;
        socket.flush().await?;
        line.clear();
    }
}

/// Ends the service without cutting a request that is being served.
async fn drain(service: &ServiceSubject, draining: &Draining) -> Result<(), Box<dyn Error>> {
    service.terminate_child("listener").await?; // 1. no new connections
    draining.send_replace(true); // 2. idle connections end now, busy ones after their request
    let all_ended = timeout(Duration::from_secs(10), draining.closed()).await;
    println!("drained: {}", all_ended.is_ok());
    service.stop().await?; // 3. the rest, in reverse order
    Ok(())
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let draining = Draining::new(false);
    let service = Service {
        address,
        draining: draining.clone(),
    }
    .start()
    .await?;

    let idle = TcpStream::connect(address).await?;
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"hello\n").await?;
    let mut answers = BufReader::new(client).lines();
    println!("{:?}", answers.next_line().await?);

    // In a service: `tokio::signal::ctrl_c().await?`.
    drain(&service, &draining).await?;
    println!("{:?}", answers.next_line().await?);
    println!("{:?}", answers.next_line().await?);
    println!("refused: {}", TcpStream::connect(address).await.is_err());
    drop(idle);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
