//! Connection setup at the accepting node: the tasks that accept connections and shake hands.

use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};

use crate::handshake::{Accepting, Ready, ReceivedHello};
use crate::node::connection_manager::ConnectionId;
use crate::node::connection_setup::{
    self, LAST_WORD, Negotiated, PendingOffer, SetupEvent, SetupEvents,
};
use crate::node::hello_frames::{HelloFrameError, HelloFrames};
use crate::node::setup_error::{self, SetupError};
use crate::node::shared::Shared;
use crate::rt::{self, Instant, JoinSet};
use crate::transport::address_shares::{AddressShares, NoSlot};
use crate::transport::{Connection, Incoming};
use crate::wire::{CloseCode, Frame};

/// The maximum number of connections that authenticate at the same time.
const UNAUTHENTICATED: usize = 256;

/// The maximum number of authenticated connections that are not yet confirmed.
const UNCONFIRMED: usize = 256;

/// The maximum number of them per address while at least half of all are in use.
const UNCONFIRMED_PER_ADDRESS: usize = 16;

/// Accepts connections until the transport is closed.
pub(crate) async fn accept(shared: Arc<Shared>, events: SetupEvents) {
    let authenticating = Arc::new(Semaphore::new(UNAUTHENTICATED));
    let unconfirmed = AddressShares::new(UNCONFIRMED, UNCONFIRMED_PER_ADDRESS);
    let mut tasks = JoinSet::new();
    while let Some(incoming) = shared.transport.accept().await {
        while tasks.try_join_next().is_some() {}
        // Dropping an incoming connection refuses it.
        let Ok(permit) = authenticating.clone().try_acquire_owned() else {
            continue;
        };
        let (shared, events) = (shared.clone(), events.clone());
        let unconfirmed = unconfirmed.clone();
        tasks.spawn(async move {
            let deadline = rt::after(shared.timeouts.handshake);
            let authenticated = authenticate(incoming, deadline).await;
            drop(permit);
            let Some(connection) = authenticated else {
                return;
            };
            // The address is proved now.
            match unconfirmed.take(Some(connection.remote_addr().ip())) {
                Ok(_slot) => take(&shared, connection, deadline, &events).await,
                Err(no_slot) => refuse(&*connection, no_slot),
            }
        });
    }
}

async fn authenticate(incoming: Incoming, deadline: Instant) -> Option<Arc<dyn Connection>> {
    let from = incoming.remote_addr();
    match rt::timeout_at(deadline, incoming.finish()).await {
        Ok(Ok(connection)) => Some(connection.into()),
        Ok(Err(error)) => {
            tracing::debug!(%from, %error, "a connection was refused");
            None
        }
        Err(_) => {
            tracing::debug!(%from, "a connection did not authenticate in time");
            None
        }
    }
}

fn refuse(connection: &dyn Connection, no_slot: NoSlot) {
    let (text, in_use, is_new) = match no_slot {
        NoSlot::All { in_use, is_new } => ("too many connections are unconfirmed", in_use, is_new),
        NoSlot::Share { in_use, is_new, .. } => {
            let text = "too many connections from this address are unconfirmed";
            (text, in_use, is_new)
        }
    };
    if is_new {
        tracing::warn!(from = %connection.remote_addr(), in_use, "{text}: others are refused");
    }
    connection.close(CloseCode::Overloaded, text);
}

async fn take(
    shared: &Shared,
    connection: Arc<dyn Connection>,
    deadline: Instant,
    events: &SetupEvents,
) {
    let from = connection.remote_addr();
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
    Ok((
        received_hello.map_err(|refusal| connection_setup::refused(&refusal))?,
        head,
    ))
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
