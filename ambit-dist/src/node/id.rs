//! Names and incarnations of nodes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::rt;
use crate::rt::Rng;

/// The maximum length of a name: that of one label of a DNS name in a certificate.
const MAX_LABEL: usize = 63;

/// The error for a string that is not a valid name of a node or cluster.
///
/// ```
/// use ambit_dist::NodeName;
///
/// let error = "Shop 1".parse::<NodeName>().unwrap_err();
/// assert_eq!(error.name, "Shop 1");
/// assert!(error.to_string().contains("use 1 to 63 lower-case letters, digits and hyphens"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be the name of a node or cluster: use 1 to 63 lower-case letters, digits and hyphens, neither first nor last a hyphen"
)]
pub struct InvalidName {
    /// The rejected string, truncated to 63 characters.
    pub name: String,
}

fn label(name: &str) -> Result<Arc<str>, InvalidName> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = (1..=MAX_LABEL).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if valid {
        return Ok(name.into());
    }
    let name = name.chars().take(MAX_LABEL).collect();
    Err(InvalidName { name })
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the name as a string slice.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                label(name).map(Self)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&$name> for String {
            fn from(name: &$name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

label! {
    /// The name of a node: 1 to 63 lower-case letters, digits and hyphens, without a hyphen at either end. (Erlang: the
    /// part of a node name before the `@`.)
    ///
    /// ```
    /// use ambit_dist::NodeName;
    /// assert!("shop-1".parse::<NodeName>().is_ok());
    /// assert!("Shop 1".parse::<NodeName>().is_err());
    /// ```
    ///
    /// Methods that take the name of a node accept a `&NodeName`, as in `node.on(&peer.name)` and
    /// `node.ping(&peer.name)`.
    NodeName
}

label! {
    /// The name of a cluster, with the same syntax as the [name of a node](NodeName). Nodes of different clusters never
    /// connect to each other.
    ClusterName
}

/// The beginning of 2026, in milliseconds since 1970. A clock before this has never been set, and its node must still
/// accept others.
pub(crate) const CLOCK_SET: u64 = 1_767_225_600_000;

/// A number that identifies one run of a node under its name; later runs have larger numbers. A node whose clock was
/// set back starts with an earlier incarnation; if a peer refuses it for this reason, the node takes a later one.
/// (Erlang: the creation of a node.)
///
/// A node that a peer has already accepted keeps its incarnation, because its peers know it by this number. The peers
/// that know a later one then refuse it with [`ConnectError::Stale`](crate::ConnectError::Stale), even if that one came
/// from a clock that was years ahead. To end this, restart the node with one of these peers as its only seed.
///
/// ```
/// use ambit_dist::Incarnation;
///
/// // Milliseconds since the Unix epoch, and random low bits.
/// let earlier = Incarnation::new(1_000, 7);
/// let later = Incarnation::new(2_000, 0);
/// assert!(earlier < later);
/// assert_eq!(earlier.get(), (1_000 << 16) + 7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Incarnation(pub(crate) u64);

impl Incarnation {
    /// Returns the incarnation of a node that starts now.
    pub(crate) fn starting_now(rng: &mut Rng) -> Self {
        let [low, high, ..] = rng.u64(..).to_le_bytes();
        Self::new(rt::unix_millis(), u16::from_le_bytes([low, high]))
    }

    /// Returns the incarnation of a node that starts `millis` milliseconds after the Unix epoch. Only the low 48 bits
    /// of `millis` are used; `random` becomes the low 16 bits of the incarnation, which distinguish nodes that start in
    /// the same millisecond.
    #[must_use]
    pub fn new(millis: u64, random: u16) -> Self {
        Self(millis << 16 | u64::from(random))
    }

    /// Returns a later incarnation with random low bits, or `None` after the last possible one.
    pub(crate) fn after(self, random: u16) -> Option<Self> {
        let millis = (self.0 >> 16) + 1;
        (millis <= u64::MAX >> 16).then(|| Self::new(millis, random))
    }

    /// Returns the start time in milliseconds since 1970.
    pub(crate) fn millis(self) -> u64 {
        self.0 >> 16
    }

    /// Returns the incarnation as a number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl fmt::Debug for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Incarnation({self})")
    }
}

/// The identity of a node: its name and its incarnation.
///
/// ```
/// use ambit_dist::{Incarnation, NodeId};
///
/// let id = NodeId { name: "shop-1".parse()?, incarnation: Incarnation::new(1_000, 7) };
/// assert_eq!(id.to_string(), "shop-1#3e80007");
/// let restarted = NodeId { incarnation: Incarnation::new(2_000, 0), ..id.clone() };
/// assert_ne!(restarted, id);
/// # Ok::<(), ambit_dist::InvalidName>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// The name of the node.
    pub name: NodeName,
    /// The incarnation of the node.
    pub incarnation: Incarnation,
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.incarnation)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

/// Builds the identity of a node for tests.
#[cfg(test)]
pub(crate) fn id(name: &str, incarnation: u64) -> NodeId {
    NodeId {
        name: name.parse().unwrap(),
        incarnation: Incarnation(incarnation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_label_of_a_certificate_name() {
        for name in ["a", "shop-1", "0", &"x".repeat(63)] {
            assert!(name.parse::<NodeName>().is_ok(), "{name}");
        }
        for name in ["", "-a", "a-", "A", "a.b", "a b", "ä", &"x".repeat(64)] {
            assert!(name.parse::<ClusterName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_later_incarnation_is_greater_regardless_of_its_random_bits() {
        assert!(Incarnation::new(2, 0) > Incarnation::new(1, u16::MAX));
        let after = Incarnation::new(1, u16::MAX).after(0);
        assert_eq!(after, Some(Incarnation::new(2, 0)));
        assert_eq!(Incarnation(u64::MAX).after(0), None);
    }
}
