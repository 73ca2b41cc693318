//! Requests on their way to a client's server: sent, and sent again until they are acknowledged.
//!
//! A separate module, because this makes a crash harmless on the side of the sender, as line numbers do on the other: a
//! server that ends may have counted all, some or none of its requests, and no one needs to know which.

use std::sync::Arc;

use ambit::prelude::*;
use ambit::server::Pending;
use ambit::table::TableError;

use crate::client::ClientSubject;
use crate::figures::Hit;

/// The maximum number of crashes of a server over the same requests.
const REPEATS: usize = 100;

/// The reason why requests were not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeliveryError {
    #[error("a server did not answer: {0}")]
    Call(#[from] CallError),
    #[error("a server could not enter what it has counted: {0}")]
    Ledger(#[from] TableError),
}

/// Sent requests with a pending acknowledgement.
pub(crate) struct Delivery {
    client: ClientSubject,
    hits: Arc<[Hit]>,
    answer: Pending<Result<(), TableError>>,
}

impl Delivery {
    /// Sends requests of one client, in the order of their lines.
    pub(crate) fn begin(client: ClientSubject, hits: Arc<[Hit]>) -> Self {
        let answer = client.count(hits.clone()).no_timeout().send();
        Self {
            client,
            hits,
            answer,
        }
    }

    /// Returns the client they were sent to.
    pub(crate) fn client(&self) -> &ClientSubject {
        &self.client
    }

    /// Returns the number of requests.
    pub(crate) fn len(&self) -> usize {
        self.hits.len()
    }

    /// Waits until they are acknowledged; returns how many had to be repeated.
    ///
    /// # Errors
    /// The last crash of a server that keeps crashing; any error that prevents a server from counting.
    pub(crate) async fn confirm(self) -> Result<usize, DeliveryError> {
        match self.answer.await {
            Err(CallError::Exited { .. } | CallError::NoProcess) => {
                repeat(&self.client, &self.hits).await?;
                Ok(self.hits.len())
            }
            answer => Ok(answer?.map(|()| 0)?),
        }
    }
}

/// Waits until a killed server has been restarted.
pub(crate) async fn recovered(client: &ClientSubject) -> Result<(), DeliveryError> {
    // A killed server does not reply, so an acknowledgement of no requests comes from its successor.
    repeat(client, &[].into()).await
}

/// Repeats the call until an incarnation of the server replies.
async fn repeat(client: &ClientSubject, hits: &Arc<[Hit]>) -> Result<(), DeliveryError> {
    let client = client.when_available();
    let mut crash = CallError::NoProcess;
    for _ in 0..REPEATS {
        match client.count(hits.clone()).no_timeout().await {
            Err(error @ CallError::Exited { .. }) => crash = error,
            answer => return Ok(answer??),
        }
    }
    Err(crash.into())
}

#[cfg(test)]
mod tests {
    use ambit::supervisor::ChildState;
    use tokio::runtime::Builder;

    use super::*;
    use crate::client::{Client, Idle, Shared};
    use crate::ledger::Ledger;

    fn hits(lines: std::ops::Range<u64>) -> Arc<[Hit]> {
        let hit = |line| Hit {
            line,
            time: 0,
            bytes: 10,
        };
        lines.map(hit).collect()
    }

    fn counted(ledger: &Ledger) -> (u64, u64) {
        let balance = ledger.balance().unwrap();
        (balance.clients[0].1.requests, balance.restarts)
    }

    /// Starts a ledger, and the server of a client under a supervisor.
    async fn start() -> (Ledger, DynamicSupervisor, ClientSubject) {
        let ledger = Ledger::new();
        let nobody = ambit::spawn(|_: Inbox<Idle>| std::future::pending::<()>());
        let shared = Shared {
            ledger: ledger.clone(),
            patience: None,
            idle: nobody.recipient(),
        };
        let clients = DynamicSupervisor::builder().start().await.unwrap();
        let spec = Client::child_spec(b"192.0.2.1"[..].into(), shared);
        let client = clients.start_child(spec).await.unwrap();
        (ledger, clients, client)
    }

    #[test]
    fn what_is_acknowledged_survives_a_kill_and_repeating_it_changes_nothing() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ledger, clients, client) = start().await;
            let sent = Delivery::begin(client.clone(), hits(1..6));
            assert_eq!(sent.confirm().await, Ok(0));
            ambit::exit(&client, ExitReason::Kill);
            recovered(&client).await.unwrap();
            assert_eq!(counted(&ledger), (5, 1));
            // As if the acknowledgement had been lost, with more requests after it.
            assert_eq!(repeat(&client, &hits(1..6)).await, Ok(()));
            assert_eq!(repeat(&client, &hits(3..9)).await, Ok(()));
            assert_eq!(counted(&ledger), (8, 1));
            let children = clients.which_children().await.unwrap();
            assert_eq!(children[0].state, ChildState::Running(client.pid()));
        });
    }

    #[test]
    fn what_is_queued_when_the_server_is_killed_is_counted_once() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ledger, _clients, client) = start().await;
            let sent = Delivery::begin(client.clone(), hits(1..6));
            ambit::exit(&client, ExitReason::Kill);
            assert_eq!(sent.confirm().await, Ok(5));
            assert_eq!(counted(&ledger), (5, 1));
        });
    }
}
