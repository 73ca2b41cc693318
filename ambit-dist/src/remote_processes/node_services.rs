//! The methods that a node handles itself: starts, functions of `#[rpc]`, and the casts of its groups and topics.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ambit::distribution::PeerProtocol;
use parking_lot::RwLock;

use crate::remote_processes::exports::{ExportedSink, sink_for};

/// A method of the node itself.
struct Service {
    sink: ExportedSink,
    /// The type that it was exposed for.
    of: Option<(TypeId, &'static str)>,
}

/// The methods of a node by protocol and tag. Several with one tag are the casts of different types of one generic
/// message.
#[derive(Default)]
pub(crate) struct NodeServices(RwLock<BTreeMap<(String, u32), Vec<Service>>>);

impl NodeServices {
    /// Exposes a method to other nodes.
    pub(crate) fn serve(&self, method: u32, sink: ExportedSink) {
        let protocol = sink.binding.name().to_owned();
        let fingerprint = sink.binding.fingerprint();
        let mut all = self.0.write();
        let known = all.entry((protocol, method)).or_default();
        let is_same = |service: &Service| service.sink.binding.fingerprint() == fingerprint;
        if !known.iter().any(is_same) {
            known.push(Service { sink, of: None });
        }
    }

    /// Exposes a method for the type `T`.
    ///
    /// # Errors
    /// The name of another type that has exposed this method; it stays exposed.
    pub(crate) fn serve_type<T: 'static>(
        &self,
        method: u32,
        sink: ExportedSink,
    ) -> Result<(), &'static str> {
        let key = (sink.binding.name().to_owned(), method);
        let own = (TypeId::of::<T>(), type_name::<T>());
        match self.0.write().entry(key) {
            Entry::Vacant(free) => {
                let of = Some(own);
                free.insert(vec![Service { sink, of }]);
                Ok(())
            }
            Entry::Occupied(taken) => match taken.get().first().and_then(|first| first.of) {
                Some((other, name)) if other != own.0 => Err(name),
                _ => Ok(()),
            },
        }
    }

    /// Returns the sink for a method in the version of another node.
    pub(crate) fn find(&self, theirs: &PeerProtocol, method: u32) -> Option<ExportedSink> {
        sink_for(self.all(theirs.name(), method), theirs)
    }

    /// Returns the sink for a method that this node calls itself.
    pub(crate) fn find_own(&self, protocol: &str, method: u32) -> Option<ExportedSink> {
        self.all(protocol, method).into_iter().next()
    }

    fn all(&self, protocol: &str, method: u32) -> Vec<ExportedSink> {
        let all = self.0.read();
        let known = all.get(&(protocol.to_owned(), method)).into_iter();
        known
            .flatten()
            .map(|service| service.sink.clone())
            .collect()
    }
}
