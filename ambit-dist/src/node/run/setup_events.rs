//! Feeds the results of setup tasks to the connection manager.

use std::net::SocketAddr;

use crate::handshake::ReceivedAnswer;
use crate::node::connection_manager::{ConnectionId, DialFailure, Verdict};
use crate::node::connection_setup::{Negotiated, PendingOffer, SetupEvent};
use crate::node::id::{Incarnation, NodeName};
use crate::node::run::{ConnectionStage, Runner};
use crate::node::setup_error;
use crate::node::setup_error::SetupError;
use crate::transport::Connection;
use crate::wire::CloseCode;

impl Runner {
    pub(super) fn handle_setup(&mut self, event: SetupEvent) {
        match event {
            SetupEvent::Answered(conn, negotiated) => self.received_answer(conn, negotiated),
            SetupEvent::Failed(conn, address, why) => self.failed(conn, address, why),
            SetupEvent::HelloReceived(received_hello) => self.received_hello(received_hello),
            SetupEvent::Confirmed(conn, negotiated) => {
                // A connection that was closed in the meantime stays closed.
                if matches!(self.conns.get(&conn), Some(ConnectionStage::Offered(..))) {
                    self.conns.insert(
                        conn,
                        ConnectionStage::Negotiated(Box::new(negotiated), false),
                    );
                    self.peers.confirmed(conn);
                }
            }
            SetupEvent::Unconfirmed(conn, later) => self.unconfirmed(conn, later),
            SetupEvent::Ended(conn, ended) => self.ended(conn, ended),
        }
    }

    fn received_answer(&mut self, conn: ConnectionId, negotiated: Negotiated<ReceivedAnswer>) {
        let now = self.now();
        let peer = negotiated.agreed.peer();
        let verdict = match self.shared.admission(&*negotiated.connection, peer, true) {
            Ok(()) => self.peers.received_answer(now, conn, peer),
            Err(reason) => self.peers.not_admitted(now, conn, peer, reason),
        };
        self.count_conflict(&negotiated.agreed.peer().name);
        self.conns.remove(&conn);
        match negotiated.agreed.confirm(verdict) {
            Ok(ready) => {
                let negotiated = Negotiated {
                    connection: negotiated.connection,
                    head: negotiated.head,
                    agreed: ready,
                };
                self.conns.insert(
                    conn,
                    ConnectionStage::Negotiated(Box::new(negotiated), true),
                );
            }
            Err(refusal) => negotiated.connection.close(refusal.code(), refusal.text()),
        }
    }

    fn failed(&mut self, conn: ConnectionId, address: SocketAddr, why: SetupError) {
        self.conns.remove(&conn);
        let failure = match why {
            SetupError::Duplicate(connection) => {
                DialFailure::Duplicate(self.recognise(&*connection, address))
            }
            why => {
                let later = setup_error::later(&why);
                let local_name = &self.shared.node_context.id().name;
                let error = setup_error::of_dial(address, local_name, why);
                match later {
                    Some(later) => DialFailure::Outdated(later, error),
                    None => DialFailure::Failed(error),
                }
            }
        };
        let now = self.now();
        self.peers.dial_failed(now, conn, failure);
    }

    /// Returns the connected or offered node at this address: the one whose name the certificate proves or, without
    /// certificates, the one that advertises the address.
    fn recognise(&self, connection: &dyn Connection, address: SocketAddr) -> Option<NodeName> {
        if !connection.is_trusted() {
            let is_named = |name: &&NodeName| self.shared.is_named(connection, name);
            return self.peers.names().find(is_named).cloned();
        }
        let offers = self.conns.values().filter_map(|stage| match stage {
            ConnectionStage::Offered(_, ready) => Some(&**ready),
            ConnectionStage::Negotiated(negotiated, _) => Some(&negotiated.agreed),
            ConnectionStage::Dialling(_) | ConnectionStage::Up(_) | ConnectionStage::Ending => None,
        });
        let table = self.shared.table.lock();
        let mut all = table.values().map(|peer| &peer.ready).chain(offers);
        let found = all.find(|ready| ready.addresses().contains(&address));
        found.map(|ready| ready.peer().name.clone())
    }

    fn count_conflict(&self, name: &NodeName) {
        if let Some(connected) = self.shared.table.lock().get_mut(name) {
            connected.conflicts = self.peers.conflicts(name);
        }
    }

    /// Handles the hello of a dialler.
    fn received_hello(&mut self, offer: PendingOffer) {
        let PendingOffer {
            received_hello,
            connection,
            verdict,
        } = offer;
        let conn = self.peers.arriving();
        let now = self.now();
        let from = connection.remote_addr();
        let admitted = match self
            .shared
            .admission(&*connection, received_hello.peer(), false)
        {
            Ok(()) => self.peers.hello(now, conn, received_hello.peer(), from),
            Err(reason) => Verdict::refuse(CloseCode::Quarantined, reason),
        };
        self.count_conflict(&received_hello.peer().name);
        let received_hello = received_hello.by(self.shared.node_context.id());
        let (ready, answer) = match received_hello.answer(admitted) {
            Ok(agreed) => agreed,
            Err(refusal) => {
                tracing::info!(from = %connection.remote_addr(), %refusal, "a node was refused");
                return connection.close(refusal.code(), refusal.text());
            }
        };
        self.conns.insert(
            conn,
            ConnectionStage::Offered(connection, Box::new(ready.clone())),
        );
        if verdict.send((conn, ready, answer)).is_err() {
            // The accepting task is gone, and with it the connection.
            self.unconfirmed(conn, None);
        }
    }

    fn unconfirmed(&mut self, conn: ConnectionId, later: Option<Incarnation>) {
        self.conns.remove(&conn);
        self.peers.unconfirmed(conn);
        if let Some(later) = later {
            let now = self.now();
            self.peers.outdated(now, later);
        }
    }
}
