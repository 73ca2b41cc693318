//! What other nodes have said of protocols.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ambit::node::Theirs;
use parking_lot::Mutex;

/// What the nodes that are connected have said of protocols. Nodes that run one program say the same, which is kept, and
/// read, once for all of them.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<BTreeMap<(String, u64), Weak<Theirs>>>);

impl Heard {
    /// What a definition says; the fingerprint is of its text, if the other node does not lie.
    pub(crate) fn protocol(&self, name: &str, fingerprint: u64, text: &str) -> Arc<Theirs> {
        let key = (name.to_owned(), fingerprint);
        let mut all = self.0.lock();
        let known = all.get(&key).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.text() == text) {
            return known;
        }
        all.retain(|_, theirs| theirs.strong_count() > 0);
        let made = Arc::new(Theirs::new(key.0.clone(), fingerprint, text.to_owned()));
        // Where two texts have one fingerprint, each has its own; the later one is at hand.
        all.insert(key, Arc::downgrade(&made));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_nodes_say_alike_is_kept_once_and_no_longer_than_it_is_used() {
        let heard = Heard::default();
        let first = heard.protocol("shop.cart", 7, "protocol");
        assert!(Arc::ptr_eq(
            &first,
            &heard.protocol("shop.cart", 7, "protocol")
        ));
        assert!(!Arc::ptr_eq(
            &first,
            &heard.protocol("shop.till", 7, "protocol")
        ));
        drop(first);
        heard.protocol("shop.list", 8, "protocol");
        assert_eq!(heard.0.lock().len(), 1);
    }

    #[test]
    fn another_text_under_a_known_fingerprint_is_another_protocol() {
        let heard = Heard::default();
        let honest = heard.protocol("shop.cart", 7, "protocol");
        let other = heard.protocol("shop.cart", 7, "something else");
        assert_eq!(
            (honest.text(), other.text()),
            ("protocol", "something else")
        );
    }
}
