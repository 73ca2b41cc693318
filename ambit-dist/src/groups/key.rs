//! The key of a group, and the header of a membership.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The key of a group. Members of two protocols under one name are two groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) scope: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) protocol: Arc<str>,
}

/// The start of the body of an entry. The handle to the member follows.
#[derive(Serialize, Deserialize)]
struct Header<'a> {
    scope: &'a str,
    name: &'a str,
    protocol: &'a str,
}

impl GroupKey {
    pub(super) fn new(scope: &Arc<str>, name: &str, protocol: &str) -> Self {
        Self {
            scope: scope.clone(),
            name: name.into(),
            protocol: protocol.into(),
        }
    }

    /// Returns the header of a member.
    pub(super) fn encode(&self) -> Vec<u8> {
        let header = Header {
            scope: &self.scope,
            name: &self.name,
            protocol: &self.protocol,
        };
        // Text always has an encoding.
        postcard::to_stdvec(&header).unwrap_or_default()
    }

    /// Reads a header. Returns it with its length.
    pub(super) fn decode(body: &[u8]) -> Option<(Self, usize)> {
        let (header, rest) = postcard::take_from_bytes::<Header<'_>>(body).ok()?;
        let key = Self {
            scope: header.scope.into(),
            name: header.name.into(),
            protocol: header.protocol.into(),
        };
        Some((key, body.len() - rest.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_and_the_rest_follows() {
        let key = GroupKey::new(&"jobs".into(), "workers", "shop.worker");
        let mut body = key.encode();
        let length = body.len();
        body.extend_from_slice(b"rest");
        assert_eq!(GroupKey::decode(&body), Some((key, length)));
        assert_eq!(GroupKey::decode(&body[..3]), None);
    }
}
