//! The settings that all nodes of a cluster share.

use std::env;
use std::time::Duration;

use ambit_dist::{Auth, Node, NodeBuilder, Timeouts};

use crate::Failure;

/// The environment variable with the cookie of the cluster. Arguments are visible to all users of a machine, the
/// environment is not.
const COOKIE: &str = "METRICS_COOKIE";

/// Returns a node that only nodes with the same cookie can reach. Without a cookie in the environment it is the one of
/// this machine's user, and the cluster cannot leave the machine.
pub(super) fn node(name: &str, listen: &str) -> Result<NodeBuilder, Failure> {
    let auth = match env::var(COOKIE) {
        Ok(cookie) => Auth::from(Auth::cookie(cookie)),
        Err(_) => this_machine()?,
    };
    let node = Node::builder(name).cluster("metrics").auth(auth);
    Ok(node.listen(listen).timeouts(timeouts()))
}

#[cfg(unix)]
fn this_machine() -> Result<Auth, Failure> {
    Ok(Auth::dev())
}

#[cfg(not(unix))]
fn this_machine() -> Result<Auth, Failure> {
    let text = format!("no cookie; set {COOKIE} to the same 32 random bytes on all nodes");
    Err(Failure::Unusable(text))
}

/// A killed node is lost after two seconds. A busy node that is taken for lost costs time, and changes no figure.
fn timeouts() -> Timeouts {
    let often = Duration::from_millis(400);
    let probe = Duration::from_millis(200);
    Timeouts::default().heartbeat(often).missed(5).probe(probe)
}

/// Returns the failure of a node that did not start.
pub(super) fn unusable(listen: &str, error: impl std::fmt::Display) -> Failure {
    Failure::Unusable(format!("cannot start a node at {listen}: {error}"))
}
