//! The protocols and nodes that two nodes have told each other of: each has one number in a session and direction.
//!
//! A definition stands in every lane before its number is used there. All lanes define all numbers, in their order, so a
//! value may hold a number without knowing which lane it will take.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit::node::{Spoken, Theirs};
use bytes::BytesMut;
use parking_lot::RwLock;

use crate::node::id::{Incarnation, NodeId};
use crate::wire::{Frame, Limits, WireError};

/// A protocol, as somebody knows it.
#[derive(Clone, Debug)]
pub(crate) enum Protocol {
    Ours(Arc<Spoken>),
    /// A third node's, on the way to another.
    Theirs(Arc<Theirs>),
}

impl Protocol {
    fn key(&self) -> (String, u64) {
        match self {
            Self::Ours(spoken) => (spoken.name().to_owned(), spoken.fingerprint()),
            Self::Theirs(theirs) => (theirs.name().to_owned(), theirs.fingerprint()),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Ours(spoken) => spoken.text(),
            Self::Theirs(theirs) => theirs.text(),
        }
    }
}

/// What this node has defined.
#[derive(Debug, Default)]
pub(crate) struct Announced(RwLock<Names>);

#[derive(Debug, Default)]
struct Names {
    protocols: Vec<Protocol>,
    protocol_ids: BTreeMap<(String, u64), u32>,
    nodes: Vec<NodeId>,
    node_ids: BTreeMap<NodeId, u32>,
}

/// How far one lane is with the definitions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    protocols: usize,
    nodes: usize,
}

impl Announced {
    /// The number of a protocol, from 1.
    pub(crate) fn protocol(&self, protocol: &Protocol) -> u32 {
        let key = protocol.key();
        if let Some(id) = self.0.read().protocol_ids.get(&key) {
            return *id;
        }
        let mut names = self.0.write();
        let next = number(names.protocols.len() + 1);
        let id = *names.protocol_ids.entry(key).or_insert(next);
        if id == next {
            names.protocols.push(protocol.clone());
        }
        id
    }

    /// The number of a node, from 1.
    pub(crate) fn node(&self, node: &NodeId) -> u32 {
        if let Some(id) = self.0.read().node_ids.get(node) {
            return *id;
        }
        let mut names = self.0.write();
        let next = number(names.nodes.len() + 1);
        let id = *names.node_ids.entry(node.clone()).or_insert(next);
        if id == next {
            names.nodes.push(node.clone());
        }
        id
    }

    /// Writes what a lane has not been told yet.
    pub(crate) fn tell(&self, told: &mut Told, out: &mut BytesMut) {
        let names = self.0.read();
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

/// What the other node has defined.
#[derive(Debug, Default)]
pub(crate) struct Defined(RwLock<Others>);

#[derive(Debug, Default)]
struct Others {
    protocols: Vec<Arc<Theirs>>,
    nodes: Vec<NodeId>,
}

impl Defined {
    /// A definition that comes in a lane which has seen `seen` before it.
    ///
    /// # Errors
    /// It is out of order, or not what another lane has said.
    pub(crate) fn define_protocol(
        &self,
        seen: &mut u32,
        id: u32,
        name: &str,
        fingerprint: u64,
        text: &[u8],
        limits: &Limits,
    ) -> Result<(), WireError> {
        in_order(seen, id, limits)?;
        let text = std::str::from_utf8(text).map_err(|_| WireError::NotText)?;
        let mut others = self.0.write();
        match others.protocols.get(id as usize - 1) {
            Some(known) => {
                let same = known.name() == name
                    && known.fingerprint() == fingerprint
                    && known.text() == text;
                same.then_some(()).ok_or(WireError::Redefined { id })
            }
            None => {
                let theirs = Theirs::new(name.to_owned(), fingerprint, text.to_owned());
                others.protocols.push(Arc::new(theirs));
                Ok(())
            }
        }
    }

    /// The same of a node.
    ///
    /// # Errors
    /// As above, and a name that no node has.
    pub(crate) fn define_node(
        &self,
        seen: &mut u32,
        id: u32,
        name: &str,
        incarnation: u64,
        limits: &Limits,
    ) -> Result<(), WireError> {
        in_order(seen, id, limits)?;
        let name = name.parse().map_err(|_| WireError::BadName)?;
        let incarnation = Incarnation(incarnation);
        let node = NodeId { name, incarnation };
        let mut others = self.0.write();
        match others.nodes.get(id as usize - 1) {
            Some(known) if *known == node => Ok(()),
            Some(_) => Err(WireError::Redefined { id }),
            None => {
                others.nodes.push(node);
                Ok(())
            }
        }
    }

    pub(crate) fn protocol(&self, id: u64) -> Option<Arc<Theirs>> {
        let at = usize::try_from(id.checked_sub(1)?).ok()?;
        self.0.read().protocols.get(at).cloned()
    }

    pub(crate) fn node(&self, id: u64) -> Option<NodeId> {
        let at = usize::try_from(id.checked_sub(1)?).ok()?;
        self.0.read().nodes.get(at).cloned()
    }
}

/// Definitions of a lane are numbered 1, 2, 3 ..
fn in_order(seen: &mut u32, id: u32, limits: &Limits) -> Result<(), WireError> {
    let expected = *seen + 1;
    if id != expected || id as usize > limits.types {
        return Err(WireError::Undefined { id });
    }
    *seen = id;
    Ok(())
}
