//! Feeds the results of setup tasks to the connection manager.

use std::net::SocketAddr;

use crate::handshake::Answered;
use crate::node::failure;
use crate::node::failure::NotMet;
use crate::node::id::{Incarnation, NodeName};
use crate::node::meet::{Found, Met, Waiting};
use crate::node::peers::{Conn, DialFailure, Verdict};
use crate::node::run::{Runner, Stage};
use crate::transport::Connection;
use crate::wire::CloseCode;

impl Runner {
    pub(super) fn find(&mut self, found: Found) {
        match found {
            Found::Answered(conn, met) => self.answered(conn, met),
            Found::NotMet(conn, address, why) => self.not_met(conn, address, why),
            Found::Heard(heard) => self.heard(heard),
            Found::Confirmed(conn, met) => {
                // A connection that was closed in the meantime stays closed.
                if matches!(self.conns.get(&conn), Some(Stage::Offered(..))) {
                    self.conns.insert(conn, Stage::Met(Box::new(met), false));
                    self.peers.confirmed(conn);
                }
            }
            Found::Unconfirmed(conn, later) => self.unconfirmed(conn, later),
            Found::Ended(conn, ended) => self.ended(conn, ended),
        }
    }

    fn answered(&mut self, conn: Conn, met: Met<Answered>) {
        let now = self.now();
        let peer = met.agreed.peer();
        let verdict = match self.shared.admission(&*met.connection, peer, true) {
            Ok(()) => self.peers.answered(now, conn, peer),
            Err(reason) => self.peers.not_admitted(now, conn, peer, reason),
        };
        self.note_contests(&met.agreed.peer().name);
        self.conns.remove(&conn);
        match met.agreed.confirm(verdict) {
            Ok(ready) => {
                let met = Met {
                    connection: met.connection,
                    head: met.head,
                    agreed: ready,
                };
                self.conns.insert(conn, Stage::Met(Box::new(met), true));
            }
            Err(refusal) => met.connection.close(refusal.code(), refusal.text()),
        }
    }

    fn not_met(&mut self, conn: Conn, address: SocketAddr, why: NotMet) {
        self.conns.remove(&conn);
        let failure = match why {
            NotMet::Duplicate(connection) => {
                DialFailure::Duplicate(self.recognise(&*connection, address))
            }
            why => {
                let later = failure::later(&why);
                let own = &self.shared.own.id().name;
                let error = failure::of_dial(address, own, why);
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
            Stage::Offered(_, ready) => Some(&**ready),
            Stage::Dialling(_) | Stage::Met(..) | Stage::Up(..) => None,
        });
        let table = self.shared.table.lock();
        let mut all = table.values().map(|peer| &peer.ready).chain(offers);
        let found = all.find(|ready| ready.addresses().contains(&address));
        found.map(|ready| ready.peer().name.clone())
    }

    fn note_contests(&self, name: &NodeName) {
        if let Some(connected) = self.shared.table.lock().get_mut(name) {
            connected.contests = self.peers.contests(name);
        }
    }

    /// Handles the hello of a dialler.
    fn heard(&mut self, waiting: Waiting) {
        let Waiting {
            heard,
            connection,
            verdict,
        } = waiting;
        let conn = self.peers.arriving();
        let now = self.now();
        let from = connection.remote_addr();
        let judged = match self.shared.admission(&*connection, heard.peer(), false) {
            Ok(()) => self.peers.hello(now, conn, heard.peer(), from),
            Err(reason) => Verdict::refuse(CloseCode::Quarantined, reason),
        };
        self.note_contests(&heard.peer().name);
        let heard = heard.by(self.shared.own.id());
        let (ready, answer) = match heard.answer(judged) {
            Ok(agreed) => agreed,
            Err(refusal) => {
                tracing::info!(from = %connection.remote_addr(), %refusal, "a node was refused");
                return connection.close(refusal.code(), refusal.text());
            }
        };
        self.conns
            .insert(conn, Stage::Offered(connection, Box::new(ready.clone())));
        if verdict.send((conn, ready, answer)).is_err() {
            // The accepting task is gone, and with it the connection.
            self.unconfirmed(conn, None);
        }
    }

    fn unconfirmed(&mut self, conn: Conn, later: Option<Incarnation>) {
        self.conns.remove(&conn);
        self.peers.unconfirmed(conn);
        if let Some(later) = later {
            let now = self.now();
            self.peers.outdated(now, later);
        }
    }
}
