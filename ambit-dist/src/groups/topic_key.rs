//! The key of a topic.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The key of a topic: its name, and the wire name of its messages. The body of an entry is its encoding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TopicKey {
    pub(super) name: Arc<str>,
    pub(super) message: Arc<str>,
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    name: &'a str,
    message: &'a str,
}

impl TopicKey {
    pub(super) fn encode(&self) -> Vec<u8> {
        let body = Body {
            name: &self.name,
            message: &self.message,
        };
        // Text always has an encoding.
        postcard::to_stdvec(&body).unwrap_or_default()
    }

    pub(super) fn decode(body: &[u8]) -> Option<Self> {
        let body: Body<'_> = postcard::from_bytes(body).ok()?;
        Some(Self {
            name: body.name.into(),
            message: body.message.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_and_other_bytes_are_refused() {
        let key = TopicKey {
            name: "news".into(),
            message: "shop.news".into(),
        };
        let body = key.encode();
        assert_eq!(TopicKey::decode(&body), Some(key));
        assert_eq!(TopicKey::decode(&body[..4]), None);
    }
}
