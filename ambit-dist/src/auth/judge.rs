//! Certificates of connections that are open, judged again: they may have expired, or another authority may be trusted now.

use std::fmt;
use std::sync::Arc;

use rustls::Error;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::time_provider::TimeProvider;
use tokio::sync::watch;

use super::live::Live;
use super::names::any_name;
use crate::node::id::ClusterName;

/// Judges certificates as the next handshake would.
pub(crate) struct Judge {
    live: Arc<Live>,
    name: ServerName<'static>,
    time: Arc<dyn TimeProvider>,
    /// Whether certificates become worse by time alone.
    expires: bool,
}

impl Judge {
    pub(super) fn new(
        live: Arc<Live>,
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

    /// Whether the other end of a connection, which this node has dialled or not, would be accepted now: its own certificate
    /// first, then those between it and its authority.
    ///
    /// # Errors
    /// What TLS would say.
    pub(crate) fn judge(
        &self,
        chain: &[CertificateDer<'static>],
        dialled: bool,
    ) -> Result<(), Error> {
        let now = self.time.current_time();
        let now = now.ok_or(Error::FailedToGetCurrentTime)?;
        self.live
            .now()
            .judge(chain, dialled.then_some(&self.name), now)
    }

    /// Changes whenever something else is trusted.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.live.changes()
    }

    pub(crate) fn expires(&self) -> bool {
        self.expires
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge(..)")
    }
}
