//! Connection setup: the tasks that dial and shake hands, and the events that all tasks of the setup report to the
//! node's task, which makes the decisions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::auth::any_name;
use crate::handshake::{Dialling, Ready, ReceivedAnswer, ReceivedHello, Refusal};
use crate::node::connection_manager::ConnectionId;
use crate::node::hello_frames::{HelloFrameError, HelloFrames};
use crate::node::id::Incarnation;
use crate::node::setup_error::SetupError;
use crate::node::shared::Shared;
use crate::rt;
use crate::session::SessionEnd;
use crate::transport::{Closed, Connection, Dial, DialError};
use crate::wire::{CloseCode, Kind};

/// The maximum wait for the close reason of a connection that has already ended.
pub(super) const LAST_WORD: Duration = Duration::from_secs(1);

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

pub(super) fn refused(refusal: &Refusal) -> SetupError {
    SetupError::Refused(refusal.code(), refusal.text().to_owned())
}
