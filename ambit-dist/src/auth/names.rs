//! The names in certificates, and whether a certificate carries one.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use crate::node::id::{ClusterName, NodeName};

/// The label that every certificate of a cluster carries beside its own: a node is dialled by its address, before its name
/// is known. No node can be called so.
const ANY: &str = "any";

/// The name by which a certificate says whose it is.
pub(crate) fn server_name(node: &NodeName, cluster: &ClusterName) -> String {
    full(node.as_str(), cluster)
}

/// The name to expect of a node that is dialled. Its own name is checked in the handshake.
pub(crate) fn any_name(cluster: &ClusterName) -> String {
    full(ANY, cluster)
}

fn full(label: &str, cluster: &ClusterName) -> String {
    format!("{label}.{cluster}.ambit")
}

pub(super) fn is_reserved(node: &NodeName) -> bool {
    node.as_str() == ANY
}

/// A label that no node can have, and that a certificate is for only if it is for all: DNS names may have underscores.
const WILDCARD: &str = "_";

/// Whether a certificate is for every label of a cluster, as `*.<cluster>.ambit` is.
pub(super) fn is_wildcard(certificate: &ParsedCertificate<'_>, cluster: &ClusterName) -> bool {
    ServerName::try_from(full(WILDCARD, cluster))
        .is_ok_and(|name| verify_server_name(certificate, &name).is_ok())
}

/// Whether a certificate is for this node, and not for all. Nothing else is checked: TLS has done that.
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
    // The reserved name is in every certificate: it proves nothing.
    !is_reserved(node)
        && !is_wildcard(&parsed, cluster)
        && verify_server_name(&parsed, &name).is_ok()
}
