//! The shared state of an in-process network, and the state of each address.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Notify, oneshot};

use super::faults::{Fault, FaultCleared, Faults, ReadRates};
use super::halves::End;
use super::link::Side;
use super::link::released::Released;
use super::shared_link::SharedLink;
use crate::transport::Closed;

#[derive(Debug)]
pub(super) struct Net {
    pub(super) state: Mutex<NetState>,
    pub(super) cleared: FaultCleared,
    pub(super) read_rates: ReadRates,
    pub(super) idle: Duration,
}

#[derive(Debug, Default)]
pub(super) struct NetState {
    pub(super) listeners: BTreeMap<SocketAddr, Weak<Listener>>,
    pub(super) links: Vec<KnownConnection>,
    pub(super) faults: Faults,
}

/// A connection of the network, as long as one of its ends exists.
#[derive(Debug)]
pub(super) struct KnownConnection {
    pub(super) dialler: SocketAddr,
    pub(super) acceptor: SocketAddr,
    pub(super) link: Weak<SharedLink>,
}

impl NetState {
    /// Returns every existing connection between the two addresses, with its side at `to`.
    fn between(&self, from: SocketAddr, to: SocketAddr) -> Vec<(Arc<SharedLink>, Side)> {
        let side = |known: &KnownConnection| match (known.dialler, known.acceptor) {
            ends if ends == (from, to) => Some(Side::Acceptor),
            ends if ends == (to, from) => Some(Side::Dialler),
            _ => None,
        };
        let known = self.links.iter();
        known
            .filter_map(|known| Some((known.link.upgrade()?, side(known)?)))
            .collect()
    }

    /// Blocks or unblocks the direction between two addresses. The caller drops the result without the lock.
    pub(super) fn block(&self, from: SocketAddr, to: SocketAddr, blocked: bool) -> Vec<Released> {
        let links = self.between(from, to).into_iter();
        let released = links.map(|(link, side)| link.collect(|link| link.block(side, blocked)).1);
        released.collect()
    }

    /// Ends the connections that a cut has separated, if it is still the same cut. The caller drops the result without
    /// the lock.
    pub(super) fn give_up(&self, from: SocketAddr, to: SocketAddr, cut: Fault) -> Vec<Released> {
        if self.faults.of(from, to) != Some(cut) {
            return Vec::new();
        }
        let end = |(link, side): (Arc<SharedLink>, Side)| {
            let ((), released) = link.collect(|link| {
                link.end(side, Closed::TimedOut);
                link.end(side.other(), Closed::TimedOut);
            });
            released
        };
        self.between(from, to).into_iter().map(end).collect()
    }
}

/// A connection attempt, and the channel for its outcome.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) from: SocketAddr,
    pub(super) certificate: Option<CertificateDer<'static>>,
    pub(super) answer: oneshot::Sender<AttemptOutcome>,
}

/// The dialler's end of the connection, which closes if the dialler has gone, and the certificate of the acceptor.
pub(super) type AttemptOutcome = (Arc<End>, Option<CertificateDer<'static>>);

/// A listener at an address.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) net: Arc<Net>,
    /// `None` once the listener is closed.
    pub(super) backlog: Mutex<Option<VecDeque<Attempt>>>,
    pub(super) arrived: Notify,
}
