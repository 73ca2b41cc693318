//! Protocol definitions received from other nodes.

use std::collections::BTreeMap;
#[cfg(test)]
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use ambit::distribution::PeerProtocol;
use parking_lot::Mutex;

/// The protocol definitions received from connected nodes. Nodes that run the same program send the same definitions,
/// which are stored and parsed once.
#[derive(Debug, Default)]
pub(crate) struct ProtocolCache(Mutex<CachedProtocols>);

/// The number of entries below which unused ones are not removed.
const FEWEST: usize = 64;

#[derive(Debug, Default)]
struct CachedProtocols {
    all: BTreeMap<Key, Weak<PeerProtocol>>,
    /// The number of entries in use when unused ones were last removed.
    used: usize,
    /// The number of entries visited to remove unused ones.
    #[cfg(test)]
    visited: usize,
}

/// A name and a fingerprint.
type Key = (String, u64);

impl ProtocolCache {
    /// Returns the parsed definition. The fingerprint matches the text unless the peer lies.
    pub(crate) fn protocol(&self, name: &str, fingerprint: u64, text: &str) -> Arc<PeerProtocol> {
        let key = (name.to_owned(), fingerprint);
        // Long texts are compared outside the lock.
        let known = self.0.lock().all.get(&key).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.text() == text) {
            return known;
        }
        let made = Arc::new(PeerProtocol::new(
            key.0.clone(),
            fingerprint,
            text.to_owned(),
        ));
        // If two texts have one fingerprint, each has its own entry; later lookups find the newer one.
        self.0.lock().insert(key, &made);
        made
    }
}

impl CachedProtocols {
    fn insert(&mut self, key: Key, theirs: &Arc<PeerProtocol>) {
        self.all.insert(key, Arc::downgrade(theirs));
        // A removal visits every entry, so it runs only after as many insertions as the last one found entries in use.
        if self.all.len() > 2 * self.used.max(FEWEST / 2) {
            #[cfg(test)]
            {
                self.visited += self.all.len();
            }
            self.all.retain(|_, theirs| theirs.strong_count() > 0);
            self.used = self.all.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives `count` protocols, of which the last `kept` stay in use. Returns the number of entries visited to
    /// remove unused ones.
    fn visited(count: u64, kept: usize) -> usize {
        let protocol_cache = ProtocolCache::default();
        let mut in_use = VecDeque::new();
        for number in 0..count {
            in_use.push_back(protocol_cache.protocol("shop.cart", number, "protocol"));
            if in_use.len() > kept {
                in_use.pop_front();
            }
            let entries = protocol_cache.0.lock().all.len();
            assert!(entries <= 2 * kept + FEWEST, "{entries} for {kept} in use");
        }
        let known = protocol_cache.0.lock();
        known.visited
    }

    #[test]
    fn four_times_as_many_definitions_take_four_times_as_long() {
        for count in [8_192, 4 * 8_192] {
            for kept in [16, usize::MAX / 4] {
                let visited = visited(count, kept);
                assert!(visited as u64 <= 2 * count, "{visited} visits for {count}");
            }
        }
    }

    #[test]
    fn equal_definitions_of_two_nodes_are_kept_once() {
        let protocol_cache = ProtocolCache::default();
        let first = protocol_cache.protocol("shop.cart", 7, "protocol");
        assert!(Arc::ptr_eq(
            &first,
            &protocol_cache.protocol("shop.cart", 7, "protocol")
        ));
        assert!(!Arc::ptr_eq(
            &first,
            &protocol_cache.protocol("shop.till", 7, "protocol")
        ));
    }

    #[test]
    fn another_text_under_a_known_fingerprint_is_another_protocol() {
        let protocol_cache = ProtocolCache::default();
        let honest = protocol_cache.protocol("shop.cart", 7, "protocol");
        let other = protocol_cache.protocol("shop.cart", 7, "something else");
        assert_eq!(
            (honest.text(), other.text()),
            ("protocol", "something else")
        );
    }
}
