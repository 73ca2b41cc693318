//! Builds nodes on simulated hosts, with regular QUIC and TLS, and with keys and clocks from the run.

use std::sync::Arc;
use std::time::Duration;

use quinn::AsyncUdpSocket;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use super::host::{Host, wall_clock};
use super::rng::{SimRng, child};
use super::secrets;
use super::socket::SimSocket;
use crate::auth::{Auth, Sources};
use crate::node::Node;
use crate::node::builder::NodeBuilder;
use crate::node::id::Incarnation;
use crate::transport::{Quic, QuicSettings};

impl Host {
    /// Returns a builder for a node that has the name of the host and listens on this port of the host. Its transport,
    /// incarnation and random seed are already set. All nodes of a run share one cookie.
    ///
    /// # Panics
    /// Panics if the port is taken, or the host's name is not a valid node name.
    pub fn node(&self, port: u16) -> NodeBuilder {
        self.node_in("ambit", self.name(), port)
    }

    /// Works like [`node`](Self::node), but with this cluster name and node name. `node` uses the cluster `ambit`.
    ///
    /// # Panics
    /// Panics if the port is taken, or the name of the node or cluster is invalid.
    pub fn node_in(&self, cluster: &str, name: &str, port: u16) -> NodeBuilder {
        let transport = self.quic(cluster, name, port);
        let mut rng = self.rng(&format!("node {name}"));
        let [low, high, ..] = rng.next_u64().to_le_bytes();
        let incarnation = Incarnation::new(self.wall_clock(), u16::from_le_bytes([low, high]));
        Node::builder(name)
            .cluster(cluster)
            .transport(
                transport.unwrap_or_else(|text| panic!("no node `{name}` on port {port}: {text}")),
            )
            .seed(rng.next_u64())
            .incarnation(incarnation)
    }

    fn quic(&self, cluster: &str, name: &str, port: u16) -> Result<Quic, String> {
        let (cluster, name) = (cluster.parse().map_err(text)?, name.parse().map_err(text)?);
        let sources = Sources {
            leaf_seed: self.rng("certificate").bytes().into(),
            time: Arc::new(WallClock(self.name.clone())),
            provider: secrets::provider(),
        };
        let cookie = SimRng::new(child(self.run_seed, "cookie")).bytes();
        let credentials =
            Auth::from(Auth::cookie(cookie)).credentials_from(&name, &cluster, &sources);
        let socket = SimSocket::bind(&self.name, port, true).map_err(text)?;
        // Two nodes of one host use different seeds.
        let port = socket.local_addr().map_err(text)?.port();
        let seed = self.rng(&format!("quic {name} {port}")).bytes();
        Quic::over(
            socket,
            self.runtime(),
            Some(seed),
            &credentials.map_err(text)?,
            QuicSettings::default(),
        )
        .map_err(text)
    }
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "`map_err` passes it by value"
)]
fn text(error: impl ToString) -> String {
    error.to_string()
}

/// Verifies certificates by the wall clock of the host.
#[derive(Debug)]
struct WallClock(Arc<str>);

impl TimeProvider for WallClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(
            wall_clock(&self.0),
        )))
    }
}
