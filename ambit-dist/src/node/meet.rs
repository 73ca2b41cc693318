//! Connection setup: the tasks that dial, accept and shake hands. They report the results to the node's task, which
//! makes the decisions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::auth::any_name;
use crate::handshake::{Accepting, Answered, Dialling, Heard, Ready, Refusal};
use crate::node::failure::{self, NotMet};
use crate::node::heads::{Head, HeadError};
use crate::node::id::Incarnation;
use crate::node::peers::Conn;
use crate::node::shared::Shared;
use crate::rt::{self, JoinSet};
use crate::session::Ended;
use crate::transport::{Closed, Connection, Dial, DialError, Incoming};
use crate::wire::{CloseCode, Frame, Kind};

/// The maximum number of connections between their first byte and their confirmation.
const UNFINISHED: usize = 256;

/// The maximum wait for the close reason of a connection that has already ended.
const LAST_WORD: Duration = Duration::from_secs(1);

/// A connection after the handshake, before any user message. `Agreed` is the progress of the handshake.
pub(crate) struct Met<Agreed = Ready> {
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) head: Head,
    pub(crate) agreed: Agreed,
}

/// The result of a setup task.
pub(crate) enum Found {
    /// A dialled node has answered.
    Answered(Conn, Met<Answered>),
    NotMet(Conn, SocketAddr, NotMet),
    /// A session has ended.
    Ended(Conn, Ended),
    /// A dialler has sent its hello and waits for the verdict.
    Heard(Waiting),
    /// The dialler has confirmed the connection.
    Confirmed(Conn, Met),
    /// The dialler did not confirm the connection. Contains the later incarnation of this node that the dialler knows,
    /// if that is the reason.
    Unconfirmed(Conn, Option<Incarnation>),
}

/// A dialler that has sent its hello.
pub(crate) struct Waiting {
    pub(crate) heard: Heard,
    pub(crate) connection: Arc<dyn Connection>,
    /// Dropped once the connection has been closed.
    pub(crate) verdict: oneshot::Sender<(Conn, Ready, Vec<u8>)>,
}

pub(crate) type Finds = mpsc::UnboundedSender<Found>;

/// Dials an address and reports the result.
pub(crate) async fn dial(shared: Arc<Shared>, conn: Conn, address: SocketAddr, finds: Finds) {
    let found = match meet(&shared, address).await {
        Ok(met) => Found::Answered(conn, met),
        Err(why) => Found::NotMet(conn, address, why),
    };
    // The send fails once the node has ended.
    finds.send(found).ok();
}

async fn meet(shared: &Shared, address: SocketAddr) -> Result<Met<Answered>, NotMet> {
    let dial = Dial {
        address,
        server_name: any_name(&shared.cluster),
    };
    let dialled = rt::timeout(shared.timeouts.dial, shared.transport.dial(dial)).await;
    // A node answers much sooner than this timeout, so the address is unreachable.
    let nobody = DialError::Unreachable { address };
    let connection = dialled.unwrap_or(Err(nobody)).map_err(NotMet::Dial)?;
    let connection: Arc<dyn Connection> = connection.into();
    let asked = rt::timeout(shared.timeouts.handshake, ask(shared, connection.clone())).await;
    let refusal = match asked {
        Ok(Ok(met)) => return Ok(met),
        Ok(Err(NotMet::Refused(code, text))) => {
            connection.close(code, &text);
            NotMet::Refused(code, text)
        }
        Ok(Err(why)) => why,
        Err(_) => {
            connection.close(CloseCode::HandshakeTimeout, "no answer to the greeting");
            NotMet::TimedOut
        }
    };
    Err(refusal)
}

async fn ask(shared: &Shared, connection: Arc<dyn Connection>) -> Result<Met<Answered>, NotMet> {
    let (head, dialling, answer) = match greet(shared, &*connection).await {
        Ok(greeted) => greeted,
        Err(error) => return Err(why(connection, error).await),
    };
    let is_named = |name: &_, _: &_| shared.is_named(&*connection, name);
    let answered = dialling
        .answered(&answer, is_named)
        .map_err(|refusal| refused(&refusal))?;
    Ok(Met {
        connection,
        head,
        agreed: answered,
    })
}

async fn greet(
    shared: &Shared,
    connection: &dyn Connection,
) -> Result<(Head, Dialling, Bytes), HeadError> {
    let mut head = Head::new(connection.open_bi().await.map_err(HeadError::Closed)?);
    let (dialling, hello) = Dialling::new(shared.greeting());
    head.begin(&hello).await?;
    let answer = head.next(Kind::HelloAck).await?;
    Ok((head, dialling, answer))
}

/// Classifies a failure. A stream may end before the close reason of its connection arrives.
async fn why(connection: Arc<dyn Connection>, error: HeadError) -> NotMet {
    let closed = match error {
        HeadError::Closed(closed) => Some(closed),
        HeadError::Ended => rt::timeout(LAST_WORD, connection.closed()).await.ok(),
        HeadError::Malformed(text) => {
            return NotMet::Refused(CloseCode::Malformed, text.to_owned());
        }
    };
    match closed {
        Some(Closed::Peer {
            code: CloseCode::Duplicate,
            ..
        }) => NotMet::Duplicate(connection),
        Some(closed) => NotMet::Ended(closed),
        None => NotMet::Refused(CloseCode::Malformed, "the control stream ended".to_owned()),
    }
}

fn refused(refusal: &Refusal) -> NotMet {
    NotMet::Refused(refusal.code(), refusal.text().to_owned())
}

/// Accepts connections until the transport is closed.
pub(crate) async fn accept(shared: Arc<Shared>, finds: Finds) {
    let places = Arc::new(Semaphore::new(UNFINISHED));
    let mut tasks = JoinSet::new();
    while let Some(incoming) = shared.transport.accept().await {
        while tasks.try_join_next().is_some() {}
        // Dropping an incoming connection refuses it.
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        let (shared, finds) = (shared.clone(), finds.clone());
        tasks.spawn(async move {
            take(&shared, incoming, &finds).await;
            drop(place);
        });
    }
}

async fn take(shared: &Shared, incoming: Incoming, finds: &Finds) {
    let from = incoming.remote_addr();
    let deadline = rt::now() + shared.timeouts.handshake;
    let connection: Arc<dyn Connection> = match rt::timeout_at(deadline, incoming.finish()).await {
        Ok(Ok(connection)) => connection.into(),
        Ok(Err(error)) => {
            tracing::debug!(%from, %error, "a connection was refused");
            return;
        }
        Err(_) => {
            tracing::debug!(%from, "a connection did not authenticate in time");
            return;
        }
    };
    let (heard, head) = match rt::timeout_at(deadline, hear(shared, &*connection)).await {
        Ok(Ok(heard)) => heard,
        Ok(Err(NotMet::Refused(code, text))) => {
            tracing::info!(%from, %code, text, "a node was refused");
            return connection.close(code, &text);
        }
        Ok(Err(_)) => return,
        Err(_) => return connection.close(CloseCode::HandshakeTimeout, "no greeting"),
    };
    let Some((conn, ready, answer)) = ask_for_verdict(&connection, heard, finds).await else {
        return;
    };
    let met = Met {
        connection: connection.clone(),
        head,
        agreed: ready,
    };
    let found = match rt::timeout_at(deadline, confirm(met, &answer)).await {
        Ok(Some(met)) => Found::Confirmed(conn, met),
        Ok(None) => {
            let closed = rt::timeout(LAST_WORD, connection.closed()).await.ok();
            Found::Unconfirmed(conn, closed.as_ref().and_then(failure::later_in))
        }
        Err(_) => {
            connection.close(CloseCode::HandshakeTimeout, "the connection was not used");
            Found::Unconfirmed(conn, None)
        }
    };
    finds.send(found).ok();
}

/// Reads and checks the dialler's hello.
async fn hear(shared: &Shared, connection: &dyn Connection) -> Result<(Heard, Head), NotMet> {
    let streams = connection.accept_bi().await.map_err(NotMet::Ended)?;
    let mut head = Head::new(streams);
    let hello = head.hello().await.map_err(|error| match error {
        HeadError::Closed(closed) => NotMet::Ended(closed),
        HeadError::Ended => NotMet::Refused(CloseCode::Malformed, "no greeting".to_owned()),
        HeadError::Malformed(text) => NotMet::Refused(CloseCode::Malformed, text.to_owned()),
    })?;
    let is_named = |name: &_, _: &_| shared.is_named(connection, name);
    let heard = Accepting::new(shared.greeting()).heard(&hello, is_named);
    Ok((heard.map_err(|refusal| refused(&refusal))?, head))
}

/// Requests the verdict on a connection. It has no timeout, because every offer must be resolved.
async fn ask_for_verdict(
    connection: &Arc<dyn Connection>,
    heard: Heard,
    finds: &Finds,
) -> Option<(Conn, Ready, Vec<u8>)> {
    let (sender, verdict) = oneshot::channel();
    let waiting = Waiting {
        heard,
        connection: connection.clone(),
        verdict: sender,
    };
    finds.send(Found::Heard(waiting)).ok()?;
    verdict.await.ok()
}

/// Sends the answer, and waits until the dialler uses the connection.
async fn confirm(mut met: Met, answer: &[u8]) -> Option<Met> {
    met.head.send(&Frame::HelloAck(answer)).await.ok()?;
    met.head.heard().await.ok()?;
    Some(met)
}
