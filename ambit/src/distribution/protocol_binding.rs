//! Protocols in the versions of two nodes, and the encoding that both agree on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::message::{Agreement, Break, Contract, Form, MethodAgreement, tag};

/// A protocol in the version of the local node.
pub struct ProtocolBinding {
    name: Arc<str>,
    contract: Arc<Contract>,
    text: String,
    fingerprint: u64,
}

impl ProtocolBinding {
    /// Creates the binding of the protocol `name`, which `contract` defines.
    #[must_use]
    pub fn new(name: &str, contract: Contract) -> Self {
        let text = contract.to_string();
        Self {
            name: name.into(),
            fingerprint: fnv1a(text.as_bytes()),
            text,
            contract: Arc::new(contract),
        }
    }

    /// Returns the name of the protocol on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the contract, with the definitions of all types that the protocol refers to.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Returns the contract as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the name of the method with this tag; empty if the protocol has no such method.
    #[must_use]
    pub fn method_name(&self, method: u32) -> &str {
        method_name(&self.contract, &self.name, method).unwrap_or_default()
    }

    /// Returns the fingerprint of the contract's text.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

impl fmt::Debug for ProtocolBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ProtocolBinding({}, {:016x})",
            self.name, self.fingerprint
        )
    }
}

/// The encoding of the messages of one method between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodEncoding {
    /// The messages are sent in this form.
    Form(Form),
    /// No message can be sent: the definitions of the two nodes are incompatible, or one node does not define the
    /// method.
    Incompatible,
}

/// A method in the versions of two nodes.
#[derive(Debug)]
enum ComparedMethod {
    /// The form of its messages.
    Form(Form),
    /// One of the two nodes does not define it.
    Missing,
    /// The differences as text: "was" in the version of the other node, "is" in that of this one. It is made when a
    /// message is refused.
    Breaks(OnceLock<String>),
}

/// The methods of two versions of a protocol by their tags.
type ComparedMethods = BTreeMap<u32, ComparedMethod>;

/// The maximum number of differences that are listed for a method.
const NAMED: usize = 3;

/// A protocol in the version of another node, as received from that node.
pub struct PeerProtocol {
    name: String,
    fingerprint: u64,
    /// As received; parsed when it is first needed, which is never if the two versions are equal.
    text: String,
    contract: OnceLock<Option<Arc<Contract>>>,
    /// The comparisons so far, by the fingerprint of the local version: two types of this program may implement
    /// different versions of one protocol.
    compared: Mutex<BTreeMap<u64, Arc<ComparedMethods>>>,
}

impl PeerProtocol {
    /// Creates a protocol from the data that the other node sent: its name, the text of its contract, and the
    /// fingerprint of that text.
    #[must_use]
    pub fn new(name: String, fingerprint: u64, text: String) -> Self {
        Self {
            name,
            fingerprint,
            text,
            contract: OnceLock::new(),
            compared: Mutex::default(),
        }
    }

    /// Returns the name of the protocol on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the fingerprint of the contract's text.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Returns the contract as text, to forward it to a third node.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the contract of the other node; `None` if its text cannot be parsed.
    #[must_use]
    pub fn contract(&self) -> Option<Arc<Contract>> {
        let read = || self.text.parse().ok().map(Arc::new);
        self.contract.get_or_init(read).clone()
    }

    /// Returns the name of the method with this tag; empty if the protocol has no such method.
    #[must_use]
    pub fn method_name(&self, method: u32) -> String {
        let contract = self.contract();
        let name = contract
            .as_deref()
            .and_then(|contract| method_name(contract, &self.name, method));
        name.unwrap_or_default().to_owned()
    }

    /// Returns true if both nodes define the protocol identically.
    #[must_use]
    pub fn is_like(&self, ours: &ProtocolBinding) -> bool {
        self.fingerprint == ours.fingerprint && *self.name == *ours.name && self.text == ours.text
    }

    /// Returns whether no method that both nodes define differs incompatibly. The first comparison with a version may
    /// take long.
    #[must_use]
    pub fn is_compatible_with(&self, ours: &ProtocolBinding) -> bool {
        let is_break = |compared: &ComparedMethod| matches!(compared, ComparedMethod::Breaks(_));
        *self.name == *ours.name && !self.compared_with(ours).values().any(is_break)
    }

    /// Returns the comparison with a local version, which is made on first use. Comparing may take long, so it runs
    /// outside the lock.
    fn compared_with(&self, ours: &ProtocolBinding) -> Arc<ComparedMethods> {
        let known = self.compared.lock().get(&ours.fingerprint).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(self.compare(ours));
            let mut compared = self.compared.lock();
            compared.entry(ours.fingerprint).or_insert(made).clone()
        })
    }

    fn compare(&self, ours: &ProtocolBinding) -> ComparedMethods {
        let Some(theirs) = self.contract() else {
            return BTreeMap::new();
        };
        let compared = |agreement| match agreement {
            MethodAgreement::Compact => ComparedMethod::Form(Form::Compact),
            MethodAgreement::Framed => ComparedMethod::Form(Form::Framed),
            MethodAgreement::Refused => ComparedMethod::Breaks(OnceLock::new()),
            MethodAgreement::NoMethod => ComparedMethod::Missing,
        };
        let all = ours.contract.agreements(&theirs, &ours.name);
        let all = all.into_iter();
        all.map(|(name, agreement)| (tag(name), compared(agreement)))
            .collect()
    }

    /// Returns the first differences of the method with this tag.
    fn differences(&self, ours: &ProtocolBinding, method: u32) -> String {
        let agreement = self.contract().and_then(|theirs| {
            let name = method_name(&ours.contract, &ours.name, method)?;
            Some(ours.contract.agreement(&theirs, &ours.name, name))
        });
        let breaks = match agreement {
            Some(Agreement::Refused(breaks)) => breaks,
            _ => Vec::new(),
        };
        let named = breaks.iter().take(NAMED);
        let mut named: Vec<String> = named.map(Break::in_method).collect();
        if breaks.len() > NAMED {
            named.push(format!("and {} more", breaks.len() - NAMED));
        }
        named.join("; ")
    }
}

impl fmt::Debug for PeerProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerProtocol({}, {:016x})", self.name, self.fingerprint)
    }
}

/// A protocol between the local node and another node. Their versions are compared once, when an encoding is first
/// needed.
#[derive(Clone, Debug)]
pub struct AgreedProtocol {
    ours: Arc<ProtocolBinding>,
    theirs: Arc<PeerProtocol>,
    alike: bool,
    methods: OnceLock<Arc<ComparedMethods>>,
}

impl AgreedProtocol {
    /// Creates the protocol from the versions of both nodes.
    #[must_use]
    pub fn new(ours: Arc<ProtocolBinding>, theirs: Arc<PeerProtocol>) -> Self {
        let alike = theirs.is_like(&ours);
        Self {
            ours,
            theirs,
            alike,
            methods: OnceLock::new(),
        }
    }

    /// Returns the protocol in the version of the local node.
    #[must_use]
    pub fn ours(&self) -> &Arc<ProtocolBinding> {
        &self.ours
    }

    /// Returns the protocol in the version of the other node.
    #[must_use]
    pub fn theirs(&self) -> &Arc<PeerProtocol> {
        &self.theirs
    }

    /// Returns the encoding of the messages of the method with this tag.
    #[must_use]
    pub fn terms(&self, method: u32) -> MethodEncoding {
        if self.alike {
            return MethodEncoding::Form(Form::Compact);
        }
        match self.compared(method) {
            Some(ComparedMethod::Form(form)) => MethodEncoding::Form(*form),
            Some(_) | None => MethodEncoding::Incompatible,
        }
    }

    /// Describes how the two definitions of the method with this tag differ. `was` is the name of the other node, and
    /// `is` that of the local node.
    #[must_use]
    pub fn differs(&self, method: u32, [was, is]: [&str; 2]) -> String {
        match self.compared(method) {
            Some(ComparedMethod::Breaks(differences)) => {
                let describe = || self.theirs.differences(&self.ours, method);
                let differences = differences.get_or_init(describe);
                format!("{differences} (was: {was}, is: {is})")
            }
            Some(_) | None => "only one of the two has this method".to_owned(),
        }
    }

    fn compared(&self, method: u32) -> Option<&ComparedMethod> {
        let compare = || self.theirs.compared_with(&self.ours);
        self.methods.get_or_init(compare).get(&method)
    }
}

fn method_name<'a>(contract: &'a Contract, protocol: &str, method: u32) -> Option<&'a str> {
    let mut methods = contract.protocols.get(protocol)?.methods.iter();
    let found = methods.find(|known| tag(&known.name) == method)?;
    Some(&found.name)
}

fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests;
