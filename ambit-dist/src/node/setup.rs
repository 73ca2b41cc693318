//! Connection setup: the tasks that dial, accept and shake hands. They report the results to the node's task, which
//! makes the decisions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::auth::any_name;
use crate::handshake::{Accepting, Dialling, Ready, ReceivedAnswer, ReceivedHello, Refusal};
use crate::node::connection_manager::ConnectionId;
use crate::node::hello_frames::{HelloFrameError, HelloFrames};
use crate::node::id::Incarnation;
use crate::node::setup_error::{self, SetupError};
use crate::node::shared::Shared;
use crate::rt::{self, JoinSet};
use crate::session::SessionEnd;
use crate::transport::{Closed, Connection, Dial, DialError, Incoming};
use crate::wire::{CloseCode, Frame, Kind};

/// The maximum number of connections between their first byte and their confirmation.
const UNFINISHED: usize = 256;

/// The maximum wait for the close reason of a connection that has already ended.
const LAST_WORD: Duration = Duration::from_secs(1);

/// A connection after the handshake, before any user message. `Agreed` is the progress of the handshake.
pub(crate) struct Negotiated<Agreed = Ready> {
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) head: HelloFrames,
    pub(crate) agreed: Agreed,
}

/// The result of a setup task.
pub(crate) enum SetupEvent {
    /// A dialled node has answered.
    Answered(ConnectionId, Negotiated<ReceivedAnswer>),
    Failed(ConnectionId, SocketAddr, SetupError),
    /// A session has ended.
    Ended(ConnectionId, SessionEnd),
    /// A dialler has sent its hello and waits for the verdict.
    HelloReceived(PendingOffer),
    /// The dialler has confirmed the connection.
    Confirmed(ConnectionId, Negotiated),
    /// The dialler did not confirm the connection. Contains the later incarnation of this node that the dialler knows,
    /// if that is the reason.
    Unconfirmed(ConnectionId, Option<Incarnation>),
}

/// A dialler that has sent its hello.
pub(crate) struct PendingOffer {
    pub(crate) received_hello: ReceivedHello,
    pub(crate) connection: Arc<dyn Connection>,
    /// Dropped once the connection has been closed.
    pub(crate) verdict: oneshot::Sender<(ConnectionId, Ready, Vec<u8>)>,
}

pub(crate) type SetupEvents = mpsc::UnboundedSender<SetupEvent>;

/// Dials an address and reports the result.
pub(crate) async fn dial(
    shared: Arc<Shared>,
    conn: ConnectionId,
    address: SocketAddr,
    events: SetupEvents,
) {
    let found = match meet(&shared, address).await {
        Ok(negotiated) => SetupEvent::Answered(conn, negotiated),
        Err(why) => SetupEvent::Failed(conn, address, why),
    };
    // The send fails once the node has ended.
    events.send(found).ok();
}

async fn meet(
    shared: &Shared,
    address: SocketAddr,
) -> Result<Negotiated<ReceivedAnswer>, SetupError> {
    let dial = Dial {
        address,
        server_name: any_name(&shared.cluster),
    };
    let dialled = rt::timeout(shared.timeouts.dial, shared.transport.dial(dial)).await;
    // A node answers much sooner than this timeout, so the address is unreachable.
    let nobody = DialError::Unreachable { address };
    let connection = dialled.unwrap_or(Err(nobody)).map_err(SetupError::Dial)?;
    let connection: Arc<dyn Connection> = connection.into();
    let outcome = rt::timeout(shared.timeouts.handshake, ask(shared, connection.clone())).await;
    let refusal = match outcome {
        Ok(Ok(negotiated)) => return Ok(negotiated),
        Ok(Err(SetupError::Refused(code, text))) => {
            connection.close(code, &text);
            SetupError::Refused(code, text)
        }
        Ok(Err(why)) => why,
        Err(_) => {
            connection.close(CloseCode::HandshakeTimeout, "no answer to the greeting");
            SetupError::TimedOut
        }
    };
    Err(refusal)
}

async fn ask(
    shared: &Shared,
    connection: Arc<dyn Connection>,
) -> Result<Negotiated<ReceivedAnswer>, SetupError> {
    let (head, dialling, answer) = match greet(shared, &*connection).await {
        Ok(greeted) => greeted,
        Err(error) => return Err(why(connection, error).await),
    };
    let is_named = |name: &_, _: &_| shared.is_named(&*connection, name);
    let received_answer = dialling
        .received_answer(&answer, is_named)
        .map_err(|refusal| refused(&refusal))?;
    Ok(Negotiated {
        connection,
        head,
        agreed: received_answer,
    })
}

async fn greet(
    shared: &Shared,
    connection: &dyn Connection,
) -> Result<(HelloFrames, Dialling, Bytes), HelloFrameError> {
    let mut head = HelloFrames::new(
        connection
            .open_bi()
            .await
            .map_err(HelloFrameError::Closed)?,
    );
    let (dialling, hello) = Dialling::new(shared.greeting());
    head.begin(&hello).await?;
    let answer = head.next(Kind::HelloAck).await?;
    Ok((head, dialling, answer))
}

/// Classifies a failure. A stream may end before the close reason of its connection arrives.
async fn why(connection: Arc<dyn Connection>, error: HelloFrameError) -> SetupError {
    let closed = match error {
        HelloFrameError::Closed(closed) => Some(closed),
        HelloFrameError::Ended => rt::timeout(LAST_WORD, connection.closed()).await.ok(),
        HelloFrameError::Malformed(text) => {
            return SetupError::Refused(CloseCode::Malformed, text.to_owned());
        }
    };
    match closed {
        Some(Closed::Peer {
            code: CloseCode::Duplicate,
            ..
        }) => SetupError::Duplicate(connection),
        Some(closed) => SetupError::Ended(closed),
        None => SetupError::Refused(CloseCode::Malformed, "the control stream ended".to_owned()),
    }
}

fn refused(refusal: &Refusal) -> SetupError {
    SetupError::Refused(refusal.code(), refusal.text().to_owned())
}

/// Accepts connections until the transport is closed.
pub(crate) async fn accept(shared: Arc<Shared>, events: SetupEvents) {
    let places = Arc::new(Semaphore::new(UNFINISHED));
    let mut tasks = JoinSet::new();
    while let Some(incoming) = shared.transport.accept().await {
        while tasks.try_join_next().is_some() {}
        // Dropping an incoming connection refuses it.
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        let (shared, events) = (shared.clone(), events.clone());
        tasks.spawn(async move {
            take(&shared, incoming, &events).await;
            drop(place);
        });
    }
}

async fn take(shared: &Shared, incoming: Incoming, events: &SetupEvents) {
    let from = incoming.remote_addr();
    let deadline = rt::after(shared.timeouts.handshake);
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
    let (received_hello, head) = match rt::timeout_at(deadline, hear(shared, &*connection)).await {
        Ok(Ok(received_hello)) => received_hello,
        Ok(Err(SetupError::Refused(code, text))) => {
            tracing::info!(%from, %code, text, "a node was refused");
            return connection.close(code, &text);
        }
        Ok(Err(_)) => return,
        Err(_) => return connection.close(CloseCode::HandshakeTimeout, "no greeting"),
    };
    let Some((conn, ready, answer)) = ask_for_verdict(&connection, received_hello, events).await
    else {
        return;
    };
    let negotiated = Negotiated {
        connection: connection.clone(),
        head,
        agreed: ready,
    };
    let found = match rt::timeout_at(deadline, confirm(negotiated, &answer)).await {
        Ok(Some(negotiated)) => SetupEvent::Confirmed(conn, negotiated),
        Ok(None) => {
            let closed = rt::timeout(LAST_WORD, connection.closed()).await.ok();
            SetupEvent::Unconfirmed(conn, closed.as_ref().and_then(setup_error::later_in))
        }
        Err(_) => {
            connection.close(CloseCode::HandshakeTimeout, "the connection was not used");
            SetupEvent::Unconfirmed(conn, None)
        }
    };
    events.send(found).ok();
}

/// Reads and checks the dialler's hello.
async fn hear(
    shared: &Shared,
    connection: &dyn Connection,
) -> Result<(ReceivedHello, HelloFrames), SetupError> {
    let streams = connection.accept_bi().await.map_err(SetupError::Ended)?;
    let mut head = HelloFrames::new(streams);
    let hello = head.hello().await.map_err(|error| match error {
        HelloFrameError::Closed(closed) => SetupError::Ended(closed),
        HelloFrameError::Ended => {
            SetupError::Refused(CloseCode::Malformed, "no greeting".to_owned())
        }
        HelloFrameError::Malformed(text) => {
            SetupError::Refused(CloseCode::Malformed, text.to_owned())
        }
    })?;
    let is_named = |name: &_, _: &_| shared.is_named(connection, name);
    let received_hello = Accepting::new(shared.greeting()).received_hello(&hello, is_named);
    Ok((received_hello.map_err(|refusal| refused(&refusal))?, head))
}

/// Requests the verdict on a connection. It has no timeout, because every offer must be resolved.
async fn ask_for_verdict(
    connection: &Arc<dyn Connection>,
    received_hello: ReceivedHello,
    events: &SetupEvents,
) -> Option<(ConnectionId, Ready, Vec<u8>)> {
    let (sender, verdict) = oneshot::channel();
    let waiting = PendingOffer {
        received_hello,
        connection: connection.clone(),
        verdict: sender,
    };
    events.send(SetupEvent::HelloReceived(waiting)).ok()?;
    verdict.await.ok()
}

/// Sends the answer, and waits until the dialler uses the connection.
async fn confirm(mut negotiated: Negotiated, answer: &[u8]) -> Option<Negotiated> {
    negotiated.head.send(&Frame::HelloAck(answer)).await.ok()?;
    negotiated.head.received_hello().await.ok()?;
    Some(negotiated)
}
