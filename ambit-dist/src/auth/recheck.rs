//! Verifies the certificates of open connections again, because they may have expired, or the trusted authorities may
//! have changed.

use std::fmt;
use std::sync::Arc;

use rustls::Error;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::time_provider::TimeProvider;
use tokio::sync::watch;

use super::current::CurrentTls;
use super::server_name::any_name;
use crate::node::id::ClusterName;

/// Verifies certificates as the next handshake would.
pub(crate) struct CertificateRecheck {
    live: Arc<CurrentTls>,
    name: ServerName<'static>,
    time: Arc<dyn TimeProvider>,
    /// True if certificates can expire.
    expires: bool,
}

impl CertificateRecheck {
    pub(super) fn new(
        live: Arc<CurrentTls>,
        cluster: &ClusterName,
        time: &Arc<dyn TimeProvider>,
        expires: bool,
    ) -> Self {
        Self {
            live,
            name: ServerName::try_from(any_name(cluster)).expect("cluster names are labels"),
            time: time.clone(),
            expires,
        }
    }

    /// Verifies that the peer of an open connection would still be accepted. `chain` is the peer's own certificate
    /// followed by the intermediate ones; `dialled` is true if this node dialled the connection.
    ///
    /// # Errors
    /// Fails with the error that the TLS handshake would return.
    pub(crate) fn recheck(
        &self,
        chain: &[CertificateDer<'static>],
        dialled: bool,
    ) -> Result<(), Error> {
        let now = self.time.current_time();
        let now = now.ok_or(Error::FailedToGetCurrentTime)?;
        self.live
            .now()
            .verify(chain, dialled.then_some(&self.name), now)
    }

    /// Returns a receiver that changes whenever the trusted authorities change.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.live.changes()
    }

    pub(crate) fn expires(&self) -> bool {
        self.expires
    }
}

impl fmt::Debug for CertificateRecheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateRecheck(..)")
    }
}
