//! Dials and accepts connections at one address of an in-process network.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Notify, oneshot};

use super::halves::{End, MemoryConnection};
use super::link::Side;
use super::net::{Attempt, AttemptOutcome, KnownConnection, Listener, Net};
use super::shared_link::SharedLink;
use crate::rt;
use crate::transport::{BoxFuture, Closed, Connection, Dial, DialError, Incoming, Transport};
use crate::wire::CloseCode;

/// The maximum number of dials that wait to be accepted.
const BACKLOG: usize = 256;

/// The transport of one node in a [`Memory`](super::Memory) network. Dropping it frees its address.
///
/// Without a certificate, other nodes trust its connections: the node may claim any name. With a certificate, they
/// check the name, as with every other transport.
///
/// ```
/// use ambit_dist::transport::{Memory, Transport};
///
/// let network = Memory::new();
/// let transport = network.bind("10.0.0.1:0".parse()?)?;
/// let address = transport.local_addr();
/// assert!(network.bind(address).is_err(), "the address is in use");
/// drop(transport);
/// assert!(network.bind(address).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MemoryTransport {
    listener: Arc<Listener>,
    certificate: Option<CertificateDer<'static>>,
}

impl MemoryTransport {
    pub(super) fn new(listener: Arc<Listener>) -> Self {
        Self {
            listener,
            certificate: None,
        }
    }

    /// Presents this certificate to other nodes. The transport does not prove that the node has the private key.
    #[must_use]
    pub fn with_certificate(mut self, certificate: CertificateDer<'static>) -> Self {
        self.certificate = Some(certificate);
        self
    }
}

impl Transport for MemoryTransport {
    fn local_addr(&self) -> SocketAddr {
        self.listener.address
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        let (listener, certificate) = (self.listener.clone(), self.certificate.clone());
        Box::pin(async move { listener.dial(dial.address, certificate).await })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        Box::pin(async {
            let attempt = self.listener.next().await?;
            let (listener, certificate) = (self.listener.clone(), self.certificate.clone());
            Some(Incoming::new(attempt.from, async move {
                let accepted = attempt.accept(&listener, certificate)?;
                Ok(Box::new(accepted) as Box<dyn Connection>)
            }))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.listener.close() })
    }
}

impl Listener {
    pub(super) fn new(address: SocketAddr, net: Arc<Net>) -> Arc<Self> {
        Arc::new(Self {
            address,
            net,
            backlog: Mutex::new(Some(VecDeque::new())),
            arrived: Notify::new(),
        })
    }

    async fn dial(
        &self,
        address: SocketAddr,
        certificate: Option<CertificateDer<'static>>,
    ) -> Result<Box<dyn Connection>, DialError> {
        if self.backlog.lock().is_none() {
            let text = "this transport is closed".to_owned();
            return Err(DialError::Local { address, text });
        }
        self.reach(address).await?;
        let answer = self.ask(address, certificate)?;
        let refused = |_| DialError::Closed {
            address,
            code: CloseCode::Overloaded,
            text: "the connection was not taken".to_owned(),
        };
        let (end, certificate) = answer.await.map_err(refused)?;
        Ok(Box::new(MemoryConnection { end, certificate }))
    }

    /// Waits until neither direction between here and an address has a fault.
    async fn reach(&self, address: SocketAddr) -> Result<(), DialError> {
        let cleared = async {
            loop {
                let cleared = self.net.cleared.notified();
                if !self.net.state.lock().faults.between(self.address, address) {
                    return;
                }
                cleared.await;
            }
        };
        let reached = rt::timeout(self.net.idle, cleared).await;
        reached.map_err(|_| DialError::Unreachable { address })
    }

    /// Joins the queue of the listener at an address.
    fn ask(
        &self,
        address: SocketAddr,
        certificate: Option<CertificateDer<'static>>,
    ) -> Result<oneshot::Receiver<AttemptOutcome>, DialError> {
        let there = self.net.state.lock().listeners.get(&address).cloned();
        let there = there.and_then(|there| there.upgrade());
        let there = there.ok_or(DialError::Unreachable { address })?;
        let mut backlog = there.backlog.lock();
        let queue = backlog.as_mut().ok_or(DialError::Unreachable { address })?;
        if queue.len() >= BACKLOG {
            return Err(DialError::Closed {
                address,
                code: CloseCode::Overloaded,
                text: "too many connections wait".to_owned(),
            });
        }
        let (answer, outcome) = oneshot::channel();
        queue.push_back(Attempt {
            from: self.address,
            certificate,
            answer,
        });
        drop(backlog);
        there.arrived.notify_one();
        Ok(outcome)
    }

    async fn next(&self) -> Option<Attempt> {
        loop {
            let next = self.backlog.lock().as_mut().map(VecDeque::pop_front);
            match next {
                Some(Some(attempt)) => return Some(attempt),
                Some(None) => {}
                // Pass the notification on to another waiting task.
                None => {
                    self.arrived.notify_one();
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }

    fn close(&self) {
        let attempts = self.backlog.lock().take();
        drop(attempts);
        self.arrived.notify_one();
        // Dropped, and so woken, without the lock.
        let mut released = Vec::new();
        let state = self.net.state.lock();
        for known in &state.links {
            let side = match self.address {
                address if address == known.dialler => Side::Dialler,
                address if address == known.acceptor => Side::Acceptor,
                _ => continue,
            };
            if let Some(link) = known.link.upgrade() {
                let ((), woken) = link.collect(|link| link.close(side, CloseCode::GoAway, ""));
                released.push(woken);
            }
        }
    }
}

impl Attempt {
    /// Establishes the connection, unless the dialler has gone.
    fn accept(
        self,
        listener: &Listener,
        certificate: Option<CertificateDer<'static>>,
    ) -> Result<MemoryConnection, Closed> {
        let link = Arc::new(SharedLink::default());
        let end = |side, local, remote| {
            Arc::new(End {
                link: link.clone(),
                side,
                local,
                remote,
                read_rates: listener.net.read_rates.clone(),
            })
        };
        let dialler = end(Side::Dialler, self.from, listener.address);
        let acceptor = end(Side::Acceptor, listener.address, self.from);
        let mut state = listener.net.state.lock();
        state.links.retain(|known| {
            let link = known.link.upgrade();
            link.is_some_and(|link| !link.with(|link| link.is_over()))
        });
        for (to, from, at) in [
            (listener.address, self.from, Side::Acceptor),
            (self.from, listener.address, Side::Dialler),
        ] {
            let blocked = state.faults.of(from, to).is_some();
            // No task waits for a new connection.
            link.with(|link| link.block(at, blocked));
        }
        state.links.push(KnownConnection {
            dialler: self.from,
            acceptor: listener.address,
            link: Arc::downgrade(&link),
        });
        drop(state);
        let gone = |_| Closed::Transport("the other side abandoned the attempt".to_owned());
        self.answer.send((dialler, certificate)).map_err(gone)?;
        Ok(MemoryConnection {
            end: acceptor,
            certificate: self.certificate,
        })
    }
}
