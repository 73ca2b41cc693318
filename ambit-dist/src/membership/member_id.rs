//! The identity of a member in the membership protocol.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::replica::origin::Origin;

/// The maximum number of addresses of a member.
pub(crate) const MAX_ADDRESSES: usize = 16;
/// The maximum length of the role and tags of a member in bytes.
pub(crate) const MAX_TAG_BYTES: usize = 512;

/// One incarnation of a node in the membership protocol. A member that was declared down by mistake returns with the
/// next renewal: its node keeps its incarnation, and so its processes keep their pids.
#[derive(Clone, Debug)]
pub(crate) struct MemberId {
    pub(crate) id: NodeId,
    pub(crate) renewal: u32,
    /// Fixed for all renewals of an incarnation.
    pub(crate) profile: Arc<Profile>,
}

/// What a node states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) role: String,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Profile {
    /// Returns the length of the role and tags in bytes.
    pub(crate) fn tag_bytes(&self) -> usize {
        let tags = self.tags.iter();
        let tags = tags.map(|(key, value)| key.len() + value.len());
        self.role.len() + tags.sum::<usize>()
    }

    fn is_bounded(&self) -> bool {
        self.addresses.len() <= MAX_ADDRESSES && self.tag_bytes() <= MAX_TAG_BYTES
    }
}

impl MemberId {
    /// Returns the identity of the entries that the member replicates.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            id: self.id.clone(),
            renewal: self.renewal,
        }
    }

    fn order(&self) -> (Incarnation, u32) {
        (self.id.incarnation, self.renewal)
    }
}

impl PartialEq for MemberId {
    fn eq(&self, other: &Self) -> bool {
        self.renewal == other.renewal && self.id == other.id
    }
}

impl Eq for MemberId {}

impl PartialOrd for MemberId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MemberId {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.id, self.renewal).cmp(&(&other.id, other.renewal))
    }
}

impl foca::Identity for MemberId {
    type Addr = NodeName;

    fn renew(&self) -> Option<Self> {
        let renewal = self.renewal.checked_add(1)?;
        Some(Self {
            renewal,
            ..self.clone()
        })
    }

    fn addr(&self) -> NodeName {
        self.id.name.clone()
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        self.order() > adversary.order()
    }
}

/// The encoding of an identity: name, incarnation, renewal, profile.
#[derive(Serialize, Deserialize)]
struct Encoded<Name, Shared> {
    name: Name,
    incarnation: u64,
    renewal: u32,
    profile: Shared,
}

impl Serialize for MemberId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let encoded = Encoded {
            name: self.id.name.as_str(),
            incarnation: self.id.incarnation.get(),
            renewal: self.renewal,
            profile: &*self.profile,
        };
        encoded.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MemberId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let encoded = Encoded::<String, Profile>::deserialize(deserializer)?;
        if !encoded.profile.is_bounded() {
            return Err(de::Error::custom(
                "a member with too many addresses or tags",
            ));
        }
        let name = encoded.name.parse().map_err(de::Error::custom)?;
        Ok(Self {
            id: NodeId {
                name,
                incarnation: Incarnation(encoded.incarnation),
            },
            renewal: encoded.renewal,
            profile: Arc::new(encoded.profile),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;
    use foca::Identity as _;

    fn identity(incarnation: u64, renewal: u32) -> MemberId {
        MemberId {
            id: id("a", incarnation),
            renewal,
            profile: Arc::default(),
        }
    }

    #[test]
    fn a_later_incarnation_wins_then_a_later_renewal() {
        assert!(identity(2, 0).win_addr_conflict(&identity(1, 9)));
        assert!(identity(1, 2).win_addr_conflict(&identity(1, 1)));
        assert!(!identity(1, 1).win_addr_conflict(&identity(1, 1)));
    }

    #[test]
    fn a_renewal_keeps_the_incarnation_and_ends_at_the_last_number() {
        assert_eq!(identity(7, 0).renew(), Some(identity(7, 1)));
        assert_eq!(identity(7, u32::MAX).renew(), None);
    }

    #[test]
    fn an_identity_survives_its_encoding() {
        let profile = Profile {
            addresses: vec!["10.0.0.1:9000".parse().unwrap()],
            role: "web".to_owned(),
            tags: BTreeMap::from([("zone".to_owned(), "b".to_owned())]),
        };
        let written = MemberId {
            profile: Arc::new(profile),
            ..identity(3, 1)
        };
        let bytes = postcard::to_allocvec(&written).unwrap();
        let read: MemberId = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.profile, written.profile);
    }

    #[test]
    fn hostile_identities_are_refused() {
        let mut tags = BTreeMap::new();
        tags.insert("a".repeat(MAX_TAG_BYTES), "b".to_owned());
        let long = Profile {
            tags,
            ..Profile::default()
        };
        let many = Profile {
            addresses: vec!["10.0.0.1:1".parse().unwrap(); MAX_ADDRESSES + 1],
            ..Profile::default()
        };
        for profile in [long, many] {
            let written = MemberId {
                profile: Arc::new(profile),
                ..identity(1, 0)
            };
            let bytes = postcard::to_allocvec(&written).unwrap();
            assert!(postcard::from_bytes::<MemberId>(&bytes).is_err());
        }
        let bytes = postcard::to_allocvec(&("no name", 1_u64, 0_u32, Profile::default())).unwrap();
        assert!(postcard::from_bytes::<MemberId>(&bytes).is_err());
    }
}
