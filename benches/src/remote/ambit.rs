//! ambit: two nodes, and a server that the near node starts on the far one.

use std::net::SocketAddr;

use ambit::prelude::*;
use ambit::system::System as Processes;
use ambit_dist::wire::Limits;
use ambit_dist::{Auth, Node, NodeBuilder};
use bytes::Bytes;

use super::pki::Secrets;
use super::system::{Failure, System};

pub(crate) struct Ambit;

pub(crate) struct Counter {
    handled: u64,
}

#[gen_server(remote = "bench.counter", vis = pub(crate))]
impl Counter {
    #[init]
    fn new() -> Self {
        Self { handled: 0 }
    }

    #[call]
    fn echo(&self, bytes: Bytes) -> Bytes {
        bytes
    }

    #[cast]
    fn take(&mut self, bytes: Bytes) {
        drop(bytes);
        self.handled += 1;
    }

    #[cast]
    fn take_vec(&mut self, bytes: Vec<u8>) {
        drop(bytes);
        self.handled += 1;
    }

    #[call]
    fn handled(&self) -> u64 {
        self.handled
    }
}

const FAR: &str = "far";

impl System for Ambit {
    type Far = Node;
    type Near = Node;
    type Session = CounterSubject;

    async fn serve(secrets: &Secrets) -> Result<(Node, SocketAddr), Failure> {
        let node = builder(FAR, secrets)?.start().await?;
        node.expose::<Counter>();
        let address = node.local_addr();
        Ok((node, address))
    }

    async fn near(secrets: &Secrets, index: u64) -> Result<Node, Failure> {
        Ok(builder(&format!("near-{index}"), secrets)?.start().await?)
    }

    /// Hidden nodes, because members of one cluster would also connect to each other.
    async fn client(secrets: &Secrets, index: u64) -> Result<Node, Failure> {
        let builder = builder(&format!("near-{index}"), secrets)?;
        Ok(builder.hidden().start().await?)
    }

    async fn connect(near: &Node, far: SocketAddr) -> Result<CounterSubject, Failure> {
        near.connect(far).await?;
        Ok(near.on(FAR).start::<Counter>(()).await?)
    }

    async fn echo(session: &CounterSubject, bytes: Bytes) -> Result<Bytes, Failure> {
        Ok(session.echo(bytes).await?)
    }

    async fn cast(session: &CounterSubject, bytes: Bytes) -> Result<(), Failure> {
        Ok(session.take(bytes).await?)
    }

    async fn cast_vec(session: &CounterSubject, bytes: Vec<u8>) -> Result<(), Failure> {
        Ok(session.take_vec(bytes).await?)
    }

    async fn handled(session: &CounterSubject) -> Result<u64, Failure> {
        Ok(session.handled().await?)
    }

    async fn close(near: Node, session: CounterSubject) {
        drop(session);
        near.leave().await;
    }
}

/// Returns the builder of a node with a process table of its own, as if it were alone in its program.
fn builder(name: &str, secrets: &Secrets) -> Result<NodeBuilder, Failure> {
    Ok(Node::builder(name)
        .system(Processes::builder().build()?)
        // The row of idle sessions has more of them than a node accepts by default.
        .limits(Limits::default().peers(1_024))
        .auth(Auth::cookie(secrets.cookie.as_str())))
}
