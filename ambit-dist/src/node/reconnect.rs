//! The reconnect policy, and the networks that a node may dial.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The policy for connections that a node opens on its own. (Erlang: `dist_auto_connect`.)
///
/// ```
/// use ambit_dist::{Node, Reconnect};
/// # use ambit_dist::transport::Memory;
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
/// let builder = Node::builder("a").seeds(["10.0.0.2:9000"]).reconnect(Reconnect::Never);
/// let a = builder.transport(transport).start().await?;
/// // The node does not dial its seeds.
/// assert!(a.peers().is_empty());
/// a.connect("10.0.0.2:9000").await?;
/// assert_eq!(a.peers().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reconnect {
    /// Dials the seeds, the discovered addresses and all members of the cluster until they answer, and dials again
    /// after a loss. A node that left or that disconnected on purpose is dialled again only at the address of a seed or
    /// at a discovered address. [`Node::disconnect`](crate::Node::disconnect) stops the dialling of a node.
    #[default]
    Always,
    /// Dials the seeds and discovered addresses until they answer, and no other members. After a loss, the connection
    /// is restored only if the other node dials or `connect` is called again.
    Once,
    /// Opens connections only on calls of `connect`; does not dial seeds, discovered addresses or members.
    Never,
}

/// A range of addresses with a common prefix, as in `10.0.0.0/8`. An address without a prefix length is parsed as the
/// network that contains only this address.
///
/// ```
/// use ambit_dist::Network;
/// let network: Network = "10.0.0.0/8".parse().unwrap();
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// assert!(!network.contains("11.1.2.3".parse().unwrap()));
/// assert!("10.0.0.0/33".parse::<Network>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// The error for a string that is not a network.
///
/// ```
/// use ambit_dist::Network;
///
/// let error = "10.0.0.0/33".parse::<Network>().unwrap_err();
/// assert_eq!(error.text, "10.0.0.0/33");
/// assert!(error.to_string().contains("write an address and a prefix length"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a network: write an address and a prefix length, as in `10.0.0.0/8`")]
pub struct InvalidNetwork {
    /// The rejected string, truncated to 64 characters.
    pub text: String,
}

/// Returns the address as left-aligned 128 bits, and its length in bits.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(four) => (u128::from(four.to_bits()) << 96, 32),
        IpAddr::V6(six) => (six.to_bits(), 128),
    }
}

impl Network {
    /// Returns whether the network contains the address. An IPv4-mapped IPv6 address is treated as an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let ((first, kind), (address, other)) = (bits(self.first), bits(address.to_canonical()));
        let differs = first ^ address;
        kind == other && differs.leading_zeros() >= u32::from(self.bits)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let invalid = || InvalidNetwork {
            text: text.chars().take(64).collect(),
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| invalid())?;
        let most = bits(first).1;
        let bits = match length {
            Some(length) => length.parse().map_err(|_| invalid())?,
            None => most,
        };
        if bits > most {
            return Err(invalid());
        }
        Ok(Self { first, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_alike_and_nothing_of_the_other_kind() {
        for (network, address, inside) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "8.8.8.8", false),
            ("192.168.4.0/22", "192.168.7.255", true),
            ("192.168.4.0/22", "192.168.8.0", false),
            ("192.168.4.0/22", "::ffff:192.168.5.1", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            let found = parsed.contains(address.parse().unwrap());
            assert_eq!(found, inside, "{network} {address}");
        }
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0/8",
            "::/129",
            "a/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
