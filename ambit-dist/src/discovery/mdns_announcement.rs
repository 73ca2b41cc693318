//! What a node announces by multicast DNS.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mdns_sd::ServiceInfo;

use crate::discovery::source::LocalNode;

/// The type of the service.
pub(super) const SERVICE: &str = "_ambit._udp.local.";

/// The key of the cluster name in the TXT record.
pub(super) const CLUSTER: &str = "cluster";

/// The part of a node's name that fits into a label of 63 bytes with a prefix and a port.
const SHOWN: usize = 50;

/// One service: the addresses of a node that have the same port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Announcement {
    /// The name of the service instance, and of the host in its records. It differs from the name of the machine, whose
    /// addresses others may announce.
    label: String,
    cluster: String,
    port: u16,
    /// The addresses; those of the machine if empty.
    addresses: Vec<IpAddr>,
}

impl Announcement {
    /// Returns the announcements of a node, one per port.
    pub(super) fn all(node: &LocalNode<'_>) -> Vec<Self> {
        let mut ports: BTreeMap<u16, Vec<IpAddr>> = BTreeMap::new();
        for address in node.advertised {
            ports.entry(address.port()).or_default().push(address.ip());
        }
        if ports.is_empty() {
            ports.insert(node.listening.port(), Vec::new());
        }
        let name: String = node.name.as_str().chars().take(SHOWN).collect();
        let announcement = |(port, addresses)| Self {
            label: format!("ambit-{name}-{port}"),
            cluster: node.cluster.as_str().to_owned(),
            port,
            addresses,
        };
        ports.into_iter().map(announcement).collect()
    }

    pub(super) fn service(&self) -> mdns_sd::Result<ServiceInfo> {
        let host = format!("{}.local.", self.label);
        let text = [(CLUSTER, self.cluster.as_str())];
        let addresses = &self.addresses[..];
        let service =
            ServiceInfo::new(SERVICE, &self.label, &host, addresses, self.port, &text[..])?;
        Ok(match self.addresses.is_empty() {
            true => service.enable_addr_auto(),
            false => service,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(name: &str, advertised: &[&str]) -> Vec<Announcement> {
        let advertised: Vec<_> = advertised
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        Announcement::all(&LocalNode {
            name: &name.parse().unwrap(),
            cluster: &"shop".parse().unwrap(),
            listening: "0.0.0.0:9000".parse().unwrap(),
            advertised: &advertised,
        })
    }

    #[test]
    fn a_node_announces_its_advertised_addresses_by_port() {
        let all = announced("a", &["10.0.0.1:9000", "10.0.0.2:9000", "[fd00::1]:7000"]);
        let parts: Vec<_> = all
            .iter()
            .map(|one| (&*one.label, one.addresses.len()))
            .collect();
        assert_eq!(parts, [("ambit-a-7000", 1), ("ambit-a-9000", 2)]);
        let service = all[1].service().unwrap();
        assert_eq!(service.get_fullname(), "ambit-a-9000._ambit._udp.local.");
        assert_eq!(service.get_property_val_str(CLUSTER), Some("shop"));
        assert!(!service.is_addr_auto());
    }

    #[test]
    fn a_node_on_all_interfaces_announces_all_addresses_of_the_machine() {
        let all = announced(&"a".repeat(63), &[]);
        assert_eq!(all.len(), 1);
        assert!(all[0].label.len() <= 63);
        assert!(all[0].service().unwrap().is_addr_auto());
    }
}
