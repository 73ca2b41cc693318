//! The processes of this node that others can address, and the sinks for their messages.

use std::fmt;
use std::sync::{Arc, Weak};

use ambit::distribution::{LocalProcesses, OnExit, PeerProtocol, ProtocolBinding};
use ambit::message::Exposed;
use ambit::process::Pid;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::codecs::any::AnyCodec;
use crate::wire::ProcessAddress as Address;

/// A sink for messages of one protocol to a process of this node.
#[derive(Clone)]
pub(crate) struct ExportedSink {
    pub(crate) exposed: Arc<dyn Exposed<AnyCodec>>,
    pub(crate) binding: Arc<ProtocolBinding>,
}

impl ExportedSink {
    /// Returns whether the protocol is the one that another node knows.
    pub(crate) fn is_of(&self, theirs: &PeerProtocol) -> bool {
        self.speaks(theirs.name(), theirs.fingerprint())
    }

    fn speaks(&self, name: &str, fingerprint: u64) -> bool {
        self.binding.fingerprint() == fingerprint && self.binding.name() == name
    }
}

impl fmt::Debug for ExportedSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExportedSink({:?})", self.binding)
    }
}

/// A process that other nodes can address.
#[derive(Default)]
struct Export {
    /// The sinks of the process, one per protocol. Without any it receives only signals; a recipient has its own sink.
    sinks: Vec<ExportedSink>,
    /// Removes the export when the process ends.
    _on_exit: Option<OnExit>,
}

type ExportTable = DashMap<Address, Export>;

/// The processes that other nodes can address: those sent to one as a pid or a handle. All other processes are
/// unreachable, including those that have only linked or monitored a remote process.
///
/// An export lives as long as its process. Any node of the cluster may hold the pid or the handle, possibly a copy from
/// a third node, and both stay valid in the next session. Dropping the node removes all exports and their exit hooks.
pub(crate) struct Exports {
    local: LocalProcesses,
    /// Called when an exported process has ended.
    ended: Arc<dyn Fn(Address) + Send + Sync>,
    all: Arc<ExportTable>,
}

impl Exports {
    pub(crate) fn new(
        local: LocalProcesses,
        ended: impl Fn(Address) + Send + Sync + 'static,
    ) -> Self {
        Self {
            local,
            ended: Arc::new(ended),
            all: Arc::new(DashMap::new()),
        }
    }

    /// Exports a process for signals.
    pub(crate) fn name(&self, pid: Pid) {
        self.put(pid, None);
    }

    /// Exports a process for signals and for messages of this protocol.
    pub(crate) fn open(&self, pid: Pid, sink: ExportedSink) {
        self.put(pid, Some(sink));
    }

    fn put(&self, pid: Pid, sink: Option<ExportedSink>) {
        let Some(address) = self.address(pid) else {
            return;
        };
        let is_known = |export: &Export| {
            sink.as_ref().is_none_or(|ExportedSink { binding, .. }| {
                let (name, fingerprint) = (binding.name(), binding.fingerprint());
                let mut sinks = export.sinks.iter();
                sinks.any(|known| known.speaks(name, fingerprint))
            })
        };
        if self.all.get(&address).is_some_and(|known| is_known(&known)) {
            return;
        }
        match self.all.entry(address) {
            Entry::Occupied(mut known) => {
                if !is_known(known.get()) {
                    known.get_mut().sinks.extend(sink);
                }
                return;
            }
            Entry::Vacant(place) => {
                place.insert(Export {
                    sinks: sink.into_iter().collect(),
                    _on_exit: None,
                });
            }
        }
        let (all, ended) = (Arc::downgrade(&self.all), self.ended.clone());
        let hook = self
            .local
            .on_exit(pid, move |_| over(&all, &*ended, address));
        if hook.is_none() {
            over(&Arc::downgrade(&self.all), &*self.ended, address);
        } else if let Some(mut export) = self.all.get_mut(&address) {
            export._on_exit = hook;
        }
    }

    /// Returns the number of exports.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    fn address(&self, pid: Pid) -> Option<Address> {
        let (slot, generation) = self.local.parts(pid)?;
        Some(Address { slot, generation })
    }

    /// Returns whether other nodes can address the process.
    pub(crate) fn is_named(&self, address: Address) -> bool {
        self.all.contains_key(&address)
    }

    /// Returns the sink for a protocol of another node.
    pub(crate) fn sink(&self, address: Address, theirs: &PeerProtocol) -> Option<ExportedSink> {
        let known = {
            let export = self.all.get(&address)?;
            let of_name = |sink: &&ExportedSink| sink.binding.name() == theirs.name();
            let known: Vec<_> = export.sinks.iter().filter(of_name).cloned().collect();
            known
        };
        sink_for(known, theirs)
    }
}

/// Returns the sink for a protocol of another node, of several with its name: two types of one generic message. It is the
/// one with the same fingerprint, or else a compatible one. If there is none, the other node gets the differences from
/// the first.
pub(super) fn sink_for(known: Vec<ExportedSink>, theirs: &PeerProtocol) -> Option<ExportedSink> {
    let is_only = known.len() == 1;
    let same = known.iter().position(|sink| sink.is_of(theirs));
    let compatible = || {
        let is_compatible = |sink: &ExportedSink| theirs.is_compatible_with(&sink.binding);
        known.iter().position(is_compatible)
    };
    let at = match same {
        None if !is_only => compatible().unwrap_or(0),
        found => found.unwrap_or(0),
    };
    known.into_iter().nth(at)
}

/// Removes the export of an ended process.
fn over(all: &Weak<ExportTable>, ended: &(dyn Fn(Address) + Send + Sync), address: Address) {
    if let Some(all) = all.upgrade() {
        drop(all.remove(&address));
    }
    ended(address);
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.all.iter().map(|entry| *entry.key()))
            .finish()
    }
}
