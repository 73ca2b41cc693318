//! Lookups of host names, replaceable for tests and simulations.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::rt;

/// The maximum time of one lookup.
const TIMEOUT: Duration = Duration::from_secs(10);

type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// A function that looks up the addresses of a host and port.
#[derive(Clone)]
pub(super) struct Resolver(Arc<dyn Fn(String, u16) -> Lookup + Send + Sync>);

impl Resolver {
    pub(super) fn new<F, L>(lookup: F) -> Self
    where
        F: Fn(String, u16) -> L + Send + Sync + 'static,
        L: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        Self(Arc::new(move |host, port| Box::pin(lookup(host, port))))
    }

    /// Returns the resolver of the operating system.
    pub(super) fn system() -> Self {
        Self::new(|host: String, port| async move {
            let found = tokio::net::lookup_host((host, port)).await?;
            Ok(found.collect())
        })
    }

    /// Looks up a host, for at most 10 s.
    pub(super) async fn lookup(&self, host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
        let lookup = rt::timeout(TIMEOUT, (self.0)(host, port));
        let timed_out = |_| io::Error::new(io::ErrorKind::TimedOut, "no answer within 10 s");
        lookup.await.map_err(timed_out)?
    }
}
