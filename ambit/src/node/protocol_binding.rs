//! What each of two nodes knows of a protocol, and how they speak it.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::message::{Agreement, Break, Clash, Contract, Form, Remote, Types, tag};
use crate::process::system_inner::SystemInner;

/// A protocol as this node knows it.
pub struct ProtocolBinding {
    name: Arc<str>,
    contract: Arc<Contract>,
    text: String,
    fingerprint: u64,
}

impl ProtocolBinding {
    /// Of a protocol.
    ///
    /// # Errors
    /// Two types behind it go by one name.
    pub fn of<P: Remote + ?Sized>() -> Result<Self, Clash> {
        let mut types = Types::default();
        let interface = P::interface(&mut types);
        let contract = Contract {
            protocols: BTreeMap::from([(P::REMOTE.to_owned(), interface)]),
            types: types.into_definitions()?,
        };
        Ok(Self::new(P::REMOTE, contract))
    }

    /// Of a contract that has this protocol.
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

    /// The one of this system, made on first use.
    pub(crate) fn cached<P: Remote + ?Sized>(system: &SystemInner) -> Result<Arc<Self>, Clash> {
        let all = system.extension::<SystemProtocols>();
        let mut all = all.0.lock();
        if let Some(known) = all.get(&TypeId::of::<P>()) {
            return Ok(known.clone());
        }
        let made = Arc::new(Self::of::<P>()?);
        all.insert(TypeId::of::<P>(), made.clone());
        Ok(made)
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, with every type behind it.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// The same as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the method with this tag; empty if there is none.
    #[must_use]
    pub fn method_name(&self, method: u32) -> &str {
        method_name(&self.contract, &self.name, method).unwrap_or_default()
    }

    /// A number for the text.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

impl fmt::Debug for ProtocolBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spoken({}, {:016x})", self.name, self.fingerprint)
    }
}

/// The protocols of one system, as far as they have been asked for.
#[derive(Default)]
struct SystemProtocols(Mutex<BTreeMap<TypeId, Arc<ProtocolBinding>>>);

/// How the messages of one method travel between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodEncoding {
    /// In this form.
    Form(Form),
    /// Not at all: the two know the method differently, or one of them does not know it.
    Incompatible,
}

/// In what two nodes know a method differently: was, as they know it, and is, as this node does.
#[derive(Debug)]
enum MethodDifference {
    /// One of the two does not have it.
    Missing,
    Breaks(Vec<Break>),
}

/// How many differences of a method are named.
const NAMED: usize = 3;

/// A protocol as another node knows it.
pub struct PeerProtocol {
    name: String,
    fingerprint: u64,
    /// As they sent it; read when it is first needed, which is never where the two are alike.
    text: String,
    contract: OnceLock<Option<Arc<Contract>>>,
    methods: OnceLock<BTreeMap<u32, Result<Form, MethodDifference>>>,
}

impl PeerProtocol {
    /// From what they sent: its name, the fingerprint of its text, and the text.
    #[must_use]
    pub fn new(name: String, fingerprint: u64, text: String) -> Self {
        Self {
            name,
            fingerprint,
            text,
            contract: OnceLock::new(),
            methods: OnceLock::new(),
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fingerprint of its text.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Its text, for a third node.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What they know, where that is not what this node knows.
    #[must_use]
    pub fn contract(&self) -> Option<Arc<Contract>> {
        let read = || self.text.parse().ok().map(Arc::new);
        self.contract.get_or_init(read).clone()
    }

    /// The name of the method with this tag; empty if there is none.
    #[must_use]
    pub fn method_name(&self, method: u32) -> String {
        let contract = self.contract();
        let name = contract
            .as_deref()
            .and_then(|contract| method_name(contract, &self.name, method));
        name.unwrap_or_default().to_owned()
    }

    /// Whether both know exactly the same.
    #[must_use]
    pub fn is_like(&self, ours: &ProtocolBinding) -> bool {
        self.fingerprint == ours.fingerprint && *self.name == *ours.name && self.text == ours.text
    }

    fn compare(&self, ours: &ProtocolBinding) -> BTreeMap<u32, Result<Form, MethodDifference>> {
        let Some(theirs) = self.contract() else {
            return BTreeMap::new();
        };
        let interface = ours.contract.protocols.get(&*ours.name);
        let methods = interface.map(|all| all.methods.as_slice());
        let compared = |name: &str| match ours.contract.agreement(&theirs, &ours.name, name) {
            Agreement::Compact => Ok(Form::Compact),
            Agreement::Framed => Ok(Form::Framed),
            Agreement::Refused(breaks) => Err(MethodDifference::Breaks(breaks)),
            Agreement::NoMethod => Err(MethodDifference::Missing),
        };
        let methods = methods.unwrap_or_default().iter();
        methods
            .map(|method| (tag(&method.name), compared(&method.name)))
            .collect()
    }
}

impl fmt::Debug for PeerProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Theirs({}, {:016x})", self.name, self.fingerprint)
    }
}

/// What this node and another one have made of a protocol that both speak. Whether they know the same is found out once.
#[derive(Clone, Debug)]
pub struct AgreedProtocol {
    ours: Arc<ProtocolBinding>,
    theirs: Arc<PeerProtocol>,
    alike: bool,
}

impl AgreedProtocol {
    /// Between what this node knows and what they know.
    #[must_use]
    pub fn new(ours: Arc<ProtocolBinding>, theirs: Arc<PeerProtocol>) -> Self {
        let alike = theirs.is_like(&ours);
        Self {
            ours,
            theirs,
            alike,
        }
    }

    /// As this node knows it.
    #[must_use]
    pub fn ours(&self) -> &Arc<ProtocolBinding> {
        &self.ours
    }

    /// As they know it.
    #[must_use]
    pub fn theirs(&self) -> &Arc<PeerProtocol> {
        &self.theirs
    }

    /// How the messages of a method travel between them and this node.
    #[must_use]
    pub fn terms(&self, method: u32) -> MethodEncoding {
        if self.alike {
            return MethodEncoding::Form(Form::Compact);
        }
        match self.compared(method) {
            Some(Ok(form)) => MethodEncoding::Form(*form),
            Some(Err(_)) | None => MethodEncoding::Incompatible,
        }
    }

    /// In what they know a method differently, in words; with where it was so, and where it is.
    #[must_use]
    pub fn differs(&self, method: u32, [was, is]: [&str; 2]) -> String {
        match self.compared(method) {
            Some(Err(MethodDifference::Breaks(breaks))) => {
                let named = breaks.iter().take(NAMED);
                let mut named: Vec<String> = named.map(Break::in_method).collect();
                if breaks.len() > NAMED {
                    named.push(format!("and {} more", breaks.len() - NAMED));
                }
                format!("{} (was: {was}, is: {is})", named.join("; "))
            }
            Some(_) | None => "only one of the two has this method".to_owned(),
        }
    }

    fn compared(&self, method: u32) -> Option<&Result<Form, MethodDifference>> {
        let compare = || self.theirs.compare(&self.ours);
        self.theirs.methods.get_or_init(compare).get(&method)
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
