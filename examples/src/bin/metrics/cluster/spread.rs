//! The clients of the run as the reader knows them: all their requests, and the servers that count them.
//!
//! Requests are sent until the server of their client confirms the last one. A server that was lost in between starts
//! on another member without counts. Its replies then lag behind, and it is sent everything again. Because each batch
//! is confirmed before the next one is sent, no member ever has more than one batch in its mailboxes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::Retry;
use ambit::server::Pending;
use ambit_dist::PlacedServers;

use super::account::{ClientAccount, ClientAccountSubject, Counted};
use super::reader::Reader;
use crate::feeder::FeedError;
use crate::ledger::{Hit, Totals};
use crate::parser::Name;
use crate::report::Report;

/// The number of requests in one message to a server that starts again.
const CHUNK: usize = 1_000;
/// The pause between two attempts to reach a server that is being started on another member.
const PAUSE: Duration = Duration::from_millis(20);

/// The servers of the clients on all members.
pub(crate) struct Spread {
    servers: PlacedServers<ClientAccount>,
    supervisor: DynamicSupervisor,
    clients: BTreeMap<Name, Client>,
    /// The servers that were found without the counts that they had confirmed.
    restarts: u64,
}

/// One client of the log.
struct Client {
    /// The handle follows the server to other members.
    server: ClientAccountSubject,
    /// All requests of the client so far, in line order.
    hits: Vec<Hit>,
    /// The last line that a server has confirmed.
    confirmed: u64,
}

impl Spread {
    /// Returns servers that will be children of this supervisor.
    pub(crate) fn new(reader: &Reader, supervisor: DynamicSupervisor) -> Self {
        Self {
            servers: reader.servers.clone(),
            supervisor,
            clients: BTreeMap::new(),
            restarts: 0,
        }
    }

    /// Sends requests, and waits until all of them are counted.
    pub(crate) async fn count(
        &mut self,
        requests: BTreeMap<Name, Vec<Hit>>,
        report: &mut Report,
    ) -> Result<(), FeedError> {
        let mut sent = Vec::with_capacity(requests.len());
        for (name, hits) in requests {
            let client = self.find(&name).await?;
            sent.push((name, client.send(hits)));
        }
        for (name, reply) in sent {
            self.confirm(&name, reply, report).await?;
        }
        Ok(())
    }

    /// Adds the totals of all clients to a report. A server that was lost since its last request counts again first.
    pub(crate) async fn report(&mut self, report: &mut Report) -> Result<(), FeedError> {
        let replies = self.clients.iter_mut();
        let replies: Vec<_> = replies
            .map(|(name, client)| (name.clone(), client.send(Vec::new())))
            .collect();
        let mut clients = Vec::with_capacity(replies.len());
        for (name, reply) in replies {
            let totals = self.confirm(&name, reply, report).await?;
            clients.push((name, totals));
        }
        report.set_clients(&clients);
        report.client_restarts = self.restarts;
        Ok(())
    }

    /// Returns a client, whose server is started if there is none.
    async fn find(&mut self, name: &Name) -> Result<&mut Client, ChildError> {
        let vacant = match self.clients.entry(name.clone()) {
            Entry::Occupied(client) => return Ok(client.into_mut()),
            Entry::Vacant(vacant) => vacant,
        };
        // Different names stay different, whatever bytes the log has.
        let id = name.escape_ascii().to_string();
        let spec = self.servers.child_spec(id.clone(), ());
        self.supervisor.start_child(spec).await?;
        Ok(vacant.insert(Client {
            server: self.servers.via(id),
            hits: Vec::new(),
            confirmed: 0,
        }))
    }

    /// Waits until the last request of a client is counted; returns the totals after it.
    async fn confirm(
        &mut self,
        name: &Name,
        reply: Pending<Counted>,
        report: &mut Report,
    ) -> Result<Totals, FeedError> {
        let client = self.clients.get_mut(name).ok_or(CallError::NoProcess)?;
        let mut counted = match reply.await {
            Err(error) if error.is_transient_if_idempotent() => client.call(0, &[]).await?,
            counted => counted?,
        };
        self.restarts += u64::from(counted.line < client.confirmed);
        while counted.line < client.last_line() {
            let next = client.after(counted.line);
            report.repeated_lines += next.len() as u64;
            counted = client.call(counted.line, next).await?;
        }
        client.confirmed = counted.line;
        Ok(counted.totals)
    }
}

impl Client {
    /// Sends further requests.
    fn send(&mut self, hits: Vec<Hit>) -> Pending<Counted> {
        let before = self.last_line();
        self.hits.extend_from_slice(&hits);
        self.server.count(before, hits).no_timeout().send()
    }

    /// Returns the next requests after this line.
    fn after(&self, line: u64) -> &[Hit] {
        let from = self.hits.partition_point(|hit| hit.line <= line);
        let to = self.hits.len().min(from + CHUNK);
        &self.hits[from..to]
    }

    fn last_line(&self) -> u64 {
        self.hits.last().map_or(0, |hit| hit.line)
    }

    /// Calls the server until it replies, on whichever member. Without requests it replies with its last line.
    async fn call(&self, after: u64, hits: &[Hit]) -> Result<Counted, CallError> {
        let attempts = Retry::unlimited().every(PAUSE);
        let counted = attempts.run(|| self.server.count(after, hits.to_vec()).no_timeout());
        let counted = counted.when(CallError::is_transient_if_idempotent).await;
        counted.map_err(|failed| failed.error)
    }
}
