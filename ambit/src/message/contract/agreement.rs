//! The encoding that two nodes use for one method.

use crate::message::contract::Contract;
use crate::message::contract::breaks::Break;
use crate::message::contract::judge::{ComparedPart, judge};

/// The encoding of one method's messages between two nodes, from [`Contract::agreement`].
///
/// ```
/// use ambit::message::{Agreement, Contract};
///
/// fn report(agreement: &Agreement) -> String {
///     match agreement {
///         Agreement::Compact | Agreement::Framed => "the method can be called".to_owned(),
///         Agreement::Refused(breaks) => breaks[0].to_string(),
///         Agreement::NoMethod => "update the node without the method".to_owned(),
///     }
/// }
///
/// let ours: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64".parse()?;
/// let theirs: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u32".parse()?;
/// assert!(report(&ours.agreement(&theirs, "kv", "get")).starts_with("`kv`, method `get`"));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The fingerprints are equal, so the messages are encoded in the compact form.
    Compact,
    /// The two versions differ but are compatible, so the messages are encoded in the framed form.
    Framed,
    /// The two versions are incompatible because of these breaks, so no messages can be sent.
    Refused(Vec<Break>),
    /// At least one of the nodes does not have the method.
    NoMethod,
}

impl Contract {
    /// Returns the encoding of the messages of `method` in `protocol` between this node and a peer with the contract
    /// `peer`.
    ///
    /// Both nodes get the same result, whichever of them is older. [`compatible_method`](super::compatible_method) is
    /// stricter: it also requires that a program keeps everything that its old version had, while two nodes only need
    /// to understand each other's messages.
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
