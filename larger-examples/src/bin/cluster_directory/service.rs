//! A service that any node may run, under a name of the cluster.

use ambit::prelude::*;
use ambit_dist::NodeName;

/// The names of the services.
pub(crate) const SERVICES: [&str; 3] = ["billing", "mail", "search"];

/// A service. It answers with the name of its node.
pub(crate) struct Service {
    node: NodeName,
    requests: u64,
}

#[gen_server(remote = "directory.service")]
impl Service {
    #[init]
    pub(crate) fn new(node: NodeName) -> Self {
        Self { node, requests: 0 }
    }

    /// Returns the node, and the number of requests to this process.
    #[call]
    pub(crate) fn request(&mut self) -> (String, u64) {
        self.requests += 1;
        (self.node.to_string(), self.requests)
    }
}
