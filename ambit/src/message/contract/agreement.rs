//! How two nodes talk about one method.

use crate::message::contract::Contract;
use crate::message::contract::breaks::Break;
use crate::message::contract::judge::{ComparedPart, judge};

/// How two nodes exchange the messages of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The fingerprints are equal: in the compact form.
    Compact,
    /// They differ in what does no harm: in the framed form.
    Framed,
    /// Not at all, because of these.
    Refused(Vec<Break>),
    /// One of them does not have the method.
    NoMethod,
}

impl Contract {
    /// How this node and a peer exchange the messages of a method.
    ///
    /// Both come to the same answer, whichever of them is older. [`compatible_method`](super::compatible_method) is
    /// stricter: a program must also not take away what it once had, while two nodes only need to understand what they send.
    ///
    /// ```
    /// use ambit::message::{Agreement, Contract};
    ///
    /// let ours: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64".parse()?;
    /// let theirs: Contract =
    ///     "ambit contract 1\nprotocol kv\n  call get(key: string, or?: option<u64>) -> u64".parse()?;
    /// assert_eq!(ours.agreement(&ours, "kv", "get"), Agreement::Compact);
    /// assert_eq!(ours.agreement(&theirs, "kv", "get"), Agreement::Framed);
    /// assert_eq!(ours.agreement(&theirs, "kv", "put"), Agreement::NoMethod);
    /// # Ok::<(), ambit::message::ParseError>(())
    /// ```
    #[must_use]
    pub fn agreement(&self, peer: &Self, protocol: &str, method: &str) -> Agreement {
        let (Some(ours), Some(theirs)) =
            (self.method(protocol, method), peer.method(protocol, method))
        else {
            return Agreement::NoMethod;
        };
        if self.fingerprint(protocol, method) == peer.fingerprint(protocol, method) {
            return Agreement::Compact;
        }
        let breaks = judge(ComparedPart::Peers, protocol, [theirs, ours], [peer, self]);
        match breaks.is_empty() {
            true => Agreement::Framed,
            false => Agreement::Refused(breaks),
        }
    }
}
