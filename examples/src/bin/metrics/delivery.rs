//! Requests on their way to a client's server: sent, and sent again until they are acknowledged.
//!
//! This makes a crash harmless on the side of the sender, as line numbers do on the other: a server that ends may have
//! counted all, some or none of its requests, and the sender need not know which.

use std::sync::Arc;

use ambit::prelude::*;
use ambit::server::Pending;
use ambit::table::TableError;

use crate::client::ClientSubject;
use crate::feeder::FeedError;
use crate::ledger::Hit;

/// The maximum number of crashes of a server over the same requests.
const REPEATS: usize = 100;

/// Sent requests with a pending acknowledgement.
pub(crate) struct Delivery {
    pub(crate) client: ClientSubject,
    pub(crate) hits: Arc<[Hit]>,
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

    /// Waits until they are acknowledged; returns how many had to be repeated.
    pub(crate) async fn confirm(self) -> Result<usize, FeedError> {
        match self.answer.await {
            Err(CallError::Exited { .. } | CallError::NoProcess) => {
                repeat(&self.client, &self.hits).await?;
                Ok(self.hits.len())
            }
            answer => Ok(answer?.map(|()| 0)?),
        }
    }
}

/// Repeats the call until an incarnation of the server replies. Without requests it waits for the restart of a killed
/// server, which does not reply.
pub(crate) async fn repeat(client: &ClientSubject, hits: &Arc<[Hit]>) -> Result<(), FeedError> {
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
