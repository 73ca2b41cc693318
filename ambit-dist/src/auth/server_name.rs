//! The DNS names in certificates, and the checks for them.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use crate::node::id::{ClusterName, NodeName};

/// The label that every certificate of a cluster carries next to its own name, because a node is dialled before its
/// name is known. Reserved: no node can have this name.
const ANY: &str = "any";

/// Returns the DNS name that identifies a node in its certificate.
pub(crate) fn server_name(node: &NodeName, cluster: &ClusterName) -> String {
    full(node.as_str(), cluster)
}

/// Returns the DNS name that a dialler expects. The handshake checks the node's own name.
pub(crate) fn any_name(cluster: &ClusterName) -> String {
    full(ANY, cluster)
}

fn full(label: &str, cluster: &ClusterName) -> String {
    format!("{label}.{cluster}.ambit")
}

pub(super) fn is_reserved(node: &NodeName) -> bool {
    node.as_str() == ANY
}

/// A label that no node can have. A certificate that matches it is valid for all labels: DNS names may contain
/// underscores.
const WILDCARD: &str = "_";

/// Returns whether a certificate is valid for every label of a cluster, as `*.<cluster>.ambit` is.
pub(super) fn is_wildcard(certificate: &ParsedCertificate<'_>, cluster: &ClusterName) -> bool {
    ServerName::try_from(full(WILDCARD, cluster))
        .is_ok_and(|name| verify_server_name(certificate, &name).is_ok())
}

/// Returns whether a certificate is for this node and not for all nodes. TLS has already checked everything else.
pub(crate) fn certificate_is_for(
    end_entity: &CertificateDer<'_>,
    node: &NodeName,
    cluster: &ClusterName,
) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(end_entity) else {
        return false;
    };
    let Ok(name) = ServerName::try_from(server_name(node, cluster)) else {
        return false;
    };
    // Every certificate carries the reserved name, so that name proves nothing.
    !is_reserved(node)
        && !is_wildcard(&parsed, cluster)
        && verify_server_name(&parsed, &name).is_ok()
}
