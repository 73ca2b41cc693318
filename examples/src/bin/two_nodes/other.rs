//! The other process: how it is started, what it runs, and how it ends.

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Stdio;

use ambit_dist::{Auth, Cookie, Node};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::counter::Counter;

/// The name of the node, and the argument that makes the program run as it.
pub(crate) const NAME: &str = "b";

/// Arguments are seen by all users of a machine, the environment is not.
const COOKIE: &str = "TWO_NODES_COOKIE";

/// The program once more, as `b`. It ends when this is dropped.
pub(crate) struct Other {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Other {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(cookie: &Cookie) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(env::current_exe()?)
            .arg(NAME)
            .env(COOKIE, cookie.reveal().as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("its output is not piped")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let address = line.ok_or("b has ended before it listened")?.parse()?;
        Ok(Self { process, address })
    }

    /// Ends it as a power cut would: it has no time for a last word.
    pub(crate) async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await
    }
}

/// What runs in it.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let node = Node::builder(NAME).auth(Auth::cookie(env::var(COOKIE)?));
    let node = node.listen("127.0.0.1:0").start().await?;
    // Nothing can be started from elsewhere that was not exposed.
    node.expose::<Counter>();
    println!("{}", node.local_addr());
    // Nothing is ever written there: it ends with the process that started this one, however that ends.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    node.leave().await;
    Ok(())
}
