//! The protocols and nodes that two nodes have told each other of: each has one number in a session and direction.
//!
//! A definition stands in every lane before its number is used there. All lanes define all numbers, in their order, so a
//! value may hold a number without knowing which lane it will take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ambit::node::{PeerProtocol, ProtocolBinding};
use bytes::BytesMut;
use parking_lot::{Mutex, RwLock};

use crate::node::id::{Incarnation, NodeId};
use crate::remote::heard::Heard;
use crate::wire::{Frame, Interned, Known, Limits, WireError};

/// A protocol, as somebody knows it.
#[derive(Clone, Debug)]
pub(crate) enum Protocol {
    Ours(Arc<ProtocolBinding>),
    /// A third node's, on the way to another.
    Theirs(Arc<PeerProtocol>),
}

impl Protocol {
    fn key(&self) -> (String, u64) {
        match self {
            Self::Ours(binding) => (binding.name().to_owned(), binding.fingerprint()),
            Self::Theirs(theirs) => (theirs.name().to_owned(), theirs.fingerprint()),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Ours(binding) => binding.text(),
            Self::Theirs(theirs) => theirs.text(),
        }
    }
}

/// What this node has defined.
#[derive(Debug)]
pub(crate) struct Announced {
    names: Mutex<Names>,
    /// How many definitions there are.
    count: AtomicUsize,
    /// The numbers of protocols that messages went by, found without their names.
    binding: RwLock<Vec<(Arc<ProtocolBinding>, u32)>>,
}

/// Programs speak a handful of protocols; beyond so many they are found by name.
const AT_HAND: usize = 64;

#[derive(Debug)]
struct Names {
    known_protocols: Known<(String, u64)>,
    protocols: Vec<Protocol>,
    known_nodes: Known<NodeId>,
    nodes: Vec<NodeId>,
}

/// How far one lane is with the definitions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    protocols: usize,
    nodes: usize,
}

impl Told {
    fn count(self) -> usize {
        self.protocols + self.nodes
    }
}

impl Announced {
    pub(crate) fn new(limits: &Limits) -> Self {
        let names = Names {
            known_protocols: Known::new(limits),
            protocols: Vec::new(),
            known_nodes: Known::new(limits),
            nodes: Vec::new(),
        };
        Self {
            names: Mutex::new(names),
            count: AtomicUsize::new(0),
            binding: RwLock::new(Vec::new()),
        }
    }

    /// The number of a protocol that a message goes by, from 1.
    ///
    /// # Errors
    /// As of [`protocol`](Self::protocol).
    pub(crate) fn binding(&self, binding: &Arc<ProtocolBinding>) -> Result<u32, WireError> {
        let at_hand = |all: &[(Arc<ProtocolBinding>, u32)]| {
            let found = all.iter().find(|(known, _)| Arc::ptr_eq(known, binding));
            found.map(|(_, id)| *id)
        };
        if let Some(id) = at_hand(&self.binding.read()) {
            return Ok(id);
        }
        let id = self.protocol(&Protocol::Ours(binding.clone()))?;
        let mut all = self.binding.write();
        if all.len() < AT_HAND && at_hand(&all).is_none() {
            all.push((binding.clone(), id));
        }
        Ok(id)
    }

    /// The number of a protocol, from 1.
    ///
    /// # Errors
    /// The other node takes no more definitions, or not this one.
    pub(crate) fn protocol(&self, protocol: &Protocol) -> Result<u32, WireError> {
        let mut names = self.names.lock();
        let key = protocol.key();
        let bytes = key.0.len() + protocol.text().len();
        match names.known_protocols.intern(&key, bytes)? {
            Interned::Known(id) => Ok(id),
            Interned::Define(id) => {
                names.protocols.push(protocol.clone());
                self.count.fetch_add(1, Ordering::Release);
                Ok(id)
            }
        }
    }

    /// The number of a node, from 1.
    ///
    /// # Errors
    /// The other node takes no more definitions.
    pub(crate) fn node(&self, node: &NodeId) -> Result<u32, WireError> {
        let mut names = self.names.lock();
        match names.known_nodes.intern(node, node.name.as_str().len())? {
            Interned::Known(id) => Ok(id),
            Interned::Define(id) => {
                names.nodes.push(node.clone());
                self.count.fetch_add(1, Ordering::Release);
                Ok(id)
            }
        }
    }

    /// Writes what a lane has not been told yet.
    pub(crate) fn tell(&self, told: &mut Told, out: &mut BytesMut) {
        // Whoever has a number to write has seen that it was counted.
        if told.count() == self.count.load(Ordering::Acquire) {
            return;
        }
        let names = self.names.lock();
        for (at, protocol) in names.protocols.iter().enumerate().skip(told.protocols) {
            let (name, fingerprint) = protocol.key();
            let frame = Frame::TypeDef {
                id: number(at + 1),
                name: &name,
                fingerprint,
                contract: protocol.text().as_bytes(),
            };
            frame.encode(out);
        }
        for (at, node) in names.nodes.iter().enumerate().skip(told.nodes) {
            let frame = Frame::NodeDef {
                id: number(at + 1),
                name: node.name.as_str(),
                incarnation: node.incarnation.get(),
            };
            frame.encode(out);
        }
        told.protocols = names.protocols.len();
        told.nodes = names.nodes.len();
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What the other node has defined, in whichever lane it said so first.
#[derive(Debug, Default)]
pub(crate) struct Defined(RwLock<Others>);

#[derive(Debug, Default)]
struct Others {
    protocols: Vec<Arc<PeerProtocol>>,
    nodes: Vec<NodeId>,
}

impl Defined {
    /// What a definition stands for; a lane keeps it under the same number.
    ///
    /// # Errors
    /// It is not what another lane has said.
    pub(crate) fn define_protocol(
        &self,
        id: u32,
        name: &str,
        fingerprint: u64,
        text: &[u8],
        heard: &Heard,
    ) -> Result<Arc<PeerProtocol>, WireError> {
        let text = std::str::from_utf8(text).map_err(|_| WireError::NotText)?;
        let mut others = self.0.write();
        if let Some(known) = others.protocols.get(at(id)) {
            let same =
                known.name() == name && known.fingerprint() == fingerprint && known.text() == text;
            return same
                .then(|| known.clone())
                .ok_or(WireError::Redefined { id });
        }
        let theirs = heard.protocol(name, fingerprint, text);
        others.protocols.push(theirs.clone());
        Ok(theirs)
    }

    /// The same of a node.
    ///
    /// # Errors
    /// As above, and a name that no node has.
    pub(crate) fn define_node(
        &self,
        id: u32,
        name: &str,
        incarnation: u64,
    ) -> Result<NodeId, WireError> {
        let name = name.parse().map_err(|_| WireError::BadName)?;
        let incarnation = Incarnation(incarnation);
        let node = NodeId { name, incarnation };
        let mut others = self.0.write();
        match others.nodes.get(at(id)) {
            Some(known) if *known == node => {}
            Some(_) => return Err(WireError::Redefined { id }),
            None => others.nodes.push(node.clone()),
        }
        Ok(node)
    }

    pub(crate) fn protocol(&self, id: u64) -> Option<Arc<PeerProtocol>> {
        let at = usize::try_from(id.checked_sub(1)?).ok()?;
        self.0.read().protocols.get(at).cloned()
    }

    pub(crate) fn node(&self, id: u64) -> Option<NodeId> {
        let at = usize::try_from(id.checked_sub(1)?).ok()?;
        self.0.read().nodes.get(at).cloned()
    }
}

/// Numbers begin with 1; a lane has checked that they come one after the other.
fn at(id: u32) -> usize {
    id as usize - 1
}
