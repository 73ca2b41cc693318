//! The protocols and nodes that two nodes have defined for each other. Each of them has one number per session and
//! direction.
//!
//! Every lane carries a definition before it uses its number. All lanes carry all definitions in order, so a value can
//! contain a number without regard to the lane that carries the value.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ambit::distribution::{PeerProtocol, ProtocolBinding};
use bytes::BytesMut;
use parking_lot::{Mutex, RwLock};

use crate::node::id::{Incarnation, NodeId};
use crate::remote_processes::protocol_cache::ProtocolCache;
use crate::wire::{Frame, InternTable, Interned, Limits, WireError, bounded};

/// A protocol, as this node knows it.
#[derive(Clone, Debug)]
pub(crate) enum Protocol {
    Ours(Arc<ProtocolBinding>),
    /// The protocol of a third node, on the way to another node.
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

/// The definitions of this node.
#[derive(Debug)]
pub(crate) struct SentDefinitions {
    names: Mutex<SentTables>,
    /// The number of definitions.
    count: AtomicUsize,
    /// The numbers of protocols that messages have used, found without their names.
    binding: RwLock<Vec<(Arc<ProtocolBinding>, u32)>>,
    /// The longest name and the longest contract that the other node accepts.
    max_name: usize,
    max_contract: usize,
}

/// The maximum number of protocols that are found without their names. Programs use a handful of protocols; protocols
/// beyond this number are found by name.
const AT_HAND: usize = 64;

#[derive(Debug)]
struct SentTables {
    known_protocols: InternTable<(String, u64)>,
    protocols: Vec<Protocol>,
    known_nodes: InternTable<NodeId>,
    nodes: Vec<NodeId>,
}

/// The number of definitions that one lane has written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WrittenDefinitions {
    protocols: usize,
    nodes: usize,
}

impl WrittenDefinitions {
    fn count(self) -> usize {
        self.protocols + self.nodes
    }
}

impl SentDefinitions {
    pub(crate) fn new(limits: &Limits) -> Self {
        let names = SentTables {
            known_protocols: InternTable::new(limits),
            protocols: Vec::new(),
            known_nodes: InternTable::new(limits),
            nodes: Vec::new(),
        };
        Self {
            names: Mutex::new(names),
            count: AtomicUsize::new(0),
            binding: RwLock::new(Vec::new()),
            max_name: limits.name,
            max_contract: limits.contract,
        }
    }

    /// Returns the number of a message's protocol, starting at 1.
    ///
    /// # Errors
    /// Fails like [`protocol`](Self::protocol).
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
        if at_hand(&all).is_some() {
            return Ok(id);
        }
        // Each request to a node has its own binding, which only this table holds afterwards.
        let is_unused = |(known, _): &(Arc<_>, u32)| Arc::strong_count(known) == 1;
        let unused = all.iter().position(is_unused);
        let replaced = unused.map(|at| all.swap_remove(at));
        if all.len() < AT_HAND {
            all.push((binding.clone(), id));
        }
        drop(all);
        drop(replaced);
        Ok(id)
    }

    /// Returns the number of a protocol, starting at 1.
    ///
    /// # Errors
    /// Fails if the other node accepts no more definitions, or not this one.
    pub(crate) fn protocol(&self, protocol: &Protocol) -> Result<u32, WireError> {
        let key = protocol.key();
        let (name, contract) = (key.0.len(), protocol.text().len());
        bounded("the name of a protocol", name, self.max_name)?;
        bounded("the contract of a protocol", contract, self.max_contract)?;
        let bytes = name + contract;
        let mut names = self.names.lock();
        match names.known_protocols.intern(&key, bytes)? {
            Interned::Known(id) => Ok(id),
            Interned::Define(id) => {
                names.protocols.push(protocol.clone());
                self.count.fetch_add(1, Ordering::Release);
                Ok(id)
            }
        }
    }

    /// Returns the number of a node, starting at 1.
    ///
    /// # Errors
    /// Fails if the other node accepts no more definitions, or not this one.
    pub(crate) fn node(&self, node: &NodeId) -> Result<u32, WireError> {
        let bytes = node.name.as_str().len();
        bounded("the name of a node", bytes, self.max_name)?;
        let mut names = self.names.lock();
        match names.known_nodes.intern(node, bytes)? {
            Interned::Known(id) => Ok(id),
            Interned::Define(id) => {
                names.nodes.push(node.clone());
                self.count.fetch_add(1, Ordering::Release);
                Ok(id)
            }
        }
    }

    /// Writes the definitions that a lane has not written yet.
    pub(crate) fn write(&self, written: &mut WrittenDefinitions, out: &mut BytesMut) {
        // A thread that has a number to write has seen its count.
        if written.count() == self.count.load(Ordering::Acquire) {
            return;
        }
        let names = self.names.lock();
        for (at, protocol) in names.protocols.iter().enumerate().skip(written.protocols) {
            let (name, fingerprint) = protocol.key();
            let frame = Frame::TypeDef {
                id: number(at + 1),
                name: &name,
                fingerprint,
                contract: protocol.text().as_bytes(),
            };
            frame.encode(out);
        }
        for (at, node) in names.nodes.iter().enumerate().skip(written.nodes) {
            let frame = Frame::NodeDef {
                id: number(at + 1),
                name: node.name.as_str(),
                incarnation: node.incarnation.get(),
            };
            frame.encode(out);
        }
        written.protocols = names.protocols.len();
        written.nodes = names.nodes.len();
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The definitions of the other node, from the first lane that carried each of them.
#[derive(Debug, Default)]
pub(crate) struct ReceivedDefinitions(RwLock<ReceivedTables>);

#[derive(Debug, Default)]
struct ReceivedTables {
    protocols: Vec<Arc<PeerProtocol>>,
    nodes: Vec<NodeId>,
}

impl ReceivedDefinitions {
    /// Returns the protocol of a definition; the lane stores it under the same number.
    ///
    /// # Errors
    /// Fails if another lane defined the number differently.
    pub(crate) fn define_protocol(
        &self,
        id: u32,
        name: &str,
        fingerprint: u64,
        text: &[u8],
        protocol_cache: &ProtocolCache,
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
        let theirs = protocol_cache.protocol(name, fingerprint, text);
        others.protocols.push(theirs.clone());
        Ok(theirs)
    }

    /// Returns the node of a definition; the lane stores it under the same number.
    ///
    /// # Errors
    /// Fails if another lane defined the number differently, or the name is not a valid node name.
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

/// Returns the index of a number. Numbers start at 1; a lane has checked that they are consecutive.
fn at(id: u32) -> usize {
    id as usize - 1
}

#[cfg(test)]
mod tests {
    use ambit::message::Contract;

    use super::*;

    fn binding(name: &str) -> Arc<ProtocolBinding> {
        Arc::new(ProtocolBinding::new(name, Contract::default()))
    }

    #[test]
    fn bindings_of_finished_requests_make_way_for_others() {
        let sent = SentDefinitions::new(&Limits::default());
        for _ in 0..2 * AT_HAND {
            assert_eq!(sent.binding(&binding("test.request")), Ok(1));
        }
        let used = binding("test.used");
        assert_eq!(sent.binding(&used), Ok(2));
        let all = sent.binding.read();
        assert!(all.iter().any(|(known, _)| Arc::ptr_eq(known, &used)));
        assert_eq!(all.len(), 2, "the first is part of the definition");
    }
}
