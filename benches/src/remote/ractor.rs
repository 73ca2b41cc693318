//! ractor_cluster: two node servers with a cookie, a remote actor found through its process group.
//!
//! The nodes of one process share their registries, so this process has one session at a time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call, pg};
use ractor_cluster::node::NodeServerSessionInformation;
use ractor_cluster::{
    NodeEventSubscription, NodeServer, NodeServerMessage, RactorClusterMessage, client_connect,
};
use tokio::sync::Notify;

use super::pki::Secrets;
use super::system::{Failure, System};

const GROUP: &str = "counter";

pub(crate) struct Ractor;

struct Counter;

#[derive(RactorClusterMessage)]
pub(crate) enum Message {
    Take(Vec<u8>),
    #[rpc]
    Echo(Vec<u8>, RpcReplyPort<Vec<u8>>),
    #[rpc]
    Handled(RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = Message;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, me: ActorRef<Message>, (): ()) -> Result<u64, ActorProcessingErr> {
        pg::join(GROUP.to_owned(), vec![me.get_cell()]);
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        handled: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Take(_) => *handled += 1,
            Message::Echo(bytes, reply) => reply.send(bytes)?,
            Message::Handled(reply) => reply.send(*handled)?,
        }
        Ok(())
    }
}

/// A node server, and a notification of its session.
pub(crate) struct Near {
    server: ActorRef<NodeServerMessage>,
    ready: Arc<Notify>,
}

impl System for Ractor {
    type Far = ActorRef<NodeServerMessage>;
    type Near = Near;
    type Session = ActorRef<Message>;

    async fn serve(secrets: &Secrets) -> Result<(Self::Far, SocketAddr), Failure> {
        Actor::spawn(None, Counter, ()).await?;
        node("far", secrets).await
    }

    async fn near(secrets: &Secrets, index: u64) -> Result<Near, Failure> {
        let (server, _) = node(&format!("near-{index}"), secrets).await?;
        let ready = Arc::new(Notify::new());
        server.cast(NodeServerMessage::SubscribeToEvents {
            id: "bench".to_owned(),
            subscription: Box::new(Subscription(ready.clone())),
        })?;
        Ok(Near { server, ready })
    }

    async fn connect(near: &Near, far: SocketAddr) -> Result<Self::Session, Failure> {
        client_connect(&near.server, far).await?;
        near.ready.notified().await;
        // The group members arrive separately, possibly after the session is ready.
        for _ in 0..10_000 {
            if let Some(counter) = pg::get_members(&GROUP.to_owned()).pop() {
                return Ok(counter.into());
            }
            tokio::task::yield_now().await;
        }
        Err("the far actor is not in its group".into())
    }

    async fn echo(session: &Self::Session, bytes: Bytes) -> Result<Bytes, Failure> {
        let bytes = call!(session, |reply| Message::Echo(bytes.to_vec(), reply));
        Ok(bytes?.into())
    }

    async fn cast(session: &Self::Session, bytes: Bytes) -> Result<(), Failure> {
        Ok(session.cast(Message::Take(bytes.to_vec()))?)
    }

    async fn handled(session: &Self::Session) -> Result<u64, Failure> {
        Ok(call!(session, Message::Handled)?)
    }

    async fn close(near: Near, session: Self::Session) {
        drop(session);
        // The result does not matter: the next session uses the next node.
        let _ = near.server.stop_and_wait(None, None).await;
        for _ in 0..1_000 {
            if pg::get_members(&GROUP.to_owned()).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn node(
    name: &str,
    secrets: &Secrets,
) -> Result<(ActorRef<NodeServerMessage>, SocketAddr), Failure> {
    // The server does not report its port, so it gets a port that was free a moment ago.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let server = NodeServer::new(
        address.port(),
        secrets.cookie.clone(),
        name.to_owned(),
        "localhost".to_owned(),
        None,
        None,
    )
    .with_listen_addr(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let (server, _) = Actor::spawn(None, server, ()).await?;
    Ok((server, address))
}

struct Subscription(Arc<Notify>);

impl NodeEventSubscription for Subscription {
    fn node_session_opened(&self, _: NodeServerSessionInformation) {}

    fn node_session_disconnected(&self, _: NodeServerSessionInformation) {}

    fn node_session_authenticated(&self, _: NodeServerSessionInformation) {}

    fn node_session_ready(&self, _: NodeServerSessionInformation) {
        self.0.notify_one();
    }
}
