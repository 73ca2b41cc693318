//! The encoding of processes in the bodies of entries.
//!
//! A body is read on every node, so a process is encoded without the tables of a session. A process is the number of
//! its node, its slot and its generation. Node 0 is the origin of the entry; node 1 is followed by a name and an
//! incarnation. A subject is a process and the number of the entry that defines its protocol.

use std::sync::Arc;

use ambit::message::{DecodeError, DecodedProcess, EncodeError, Exposed, ProcessEncoding};
use ambit::process::Pid;
use parking_lot::Mutex;

use crate::codecs::any::AnyCodec;
use crate::node::id::{Incarnation, NodeId};
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::node_context::NodeContext;
use crate::remote_processes::process_bytes::{
    ResolvedProcess, invalid, number, put_address, refused, take_address, unknown,
};
use crate::replica::change::EntryId;
use crate::replica::error::PutError;
use crate::replication::protocols::ProtocolDefinition;
use crate::replication::shared::Replication;
use crate::wire::ProcessAddress;
use crate::wire::varint::put as put_number;

/// The origin of the entry.
const ORIGIN: u64 = 0;
/// A node that follows by name and incarnation.
const NAMED: u64 = 1;
/// The absent process.
const NOBODY: u64 = 2;

/// The processes in a body that `origin` has written.
pub(super) struct EntryEncoding<'a> {
    pub(super) replication: &'a Replication,
    pub(super) origin: &'a NodeId,
    /// The limit that the definition of a protocol has exceeded.
    pub(super) exceeded: Mutex<Option<PutError>>,
}

impl EntryEncoding<'_> {
    fn node_context(&self) -> &NodeContext {
        &self.replication.node_context
    }

    fn put_process(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let node_context = self.node_context();
        if pid == Pid::NOBODY {
            put_number(NOBODY, out);
            return Ok(());
        }
        if let Some((slot, generation)) = node_context.local.parts(pid) {
            node_context.exports.name(pid);
            put_number(ORIGIN, out);
            put_address(ProcessAddress { slot, generation }, out);
            return Ok(());
        }
        let peer = node_context.incarnation_of(pid).ok_or_else(unknown)?;
        let address = peer.address(pid).flatten().ok_or_else(unknown)?;
        put_number(NAMED, out);
        let name = peer.id.name.as_str().as_bytes();
        put_number(name.len() as u64, out);
        out.extend_from_slice(name);
        put_number(peer.id.incarnation.0, out);
        put_address(address, out);
        Ok(())
    }

    fn take_process(&self, bytes: &mut &[u8]) -> Result<ResolvedProcess, DecodeError> {
        let node = match number(bytes)? {
            ORIGIN => self.origin.clone(),
            NAMED => take_node(bytes)?,
            NOBODY => return Ok(ResolvedProcess::None),
            _ => return Err(invalid("a process of an unknown kind")),
        };
        let address = take_address(bytes)?;
        let node_context = self.node_context();
        if node == *node_context.id() {
            let pid = node_context.local.pid(address.slot, address.generation);
            return Ok(ResolvedProcess::Local(pid, address));
        }
        let peer = node_context.peer_incarnation(&node);
        Ok(ResolvedProcess::Remote(peer, address))
    }
}

impl ProcessEncoding<AnyCodec> for EntryEncoding<'_> {
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.put_process(pid, out)
    }

    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        Ok(self.take_process(bytes)?.pid())
    }

    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<AnyCodec>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let number = if let Some(theirs) = exposed.theirs() {
            let (name, text) = (theirs.name(), theirs.text());
            self.define(&ProtocolDefinition {
                name,
                fingerprint: theirs.fingerprint(),
                text,
            })?
        } else {
            let binding = exposed.binding();
            let binding = binding.map_err(|clash| refused(clash.to_string()))?;
            let sink = ExportedSink {
                exposed,
                binding: binding.clone(),
            };
            self.node_context().exports.open(pid, sink);
            self.define(&ProtocolDefinition {
                name: binding.name(),
                fingerprint: binding.fingerprint(),
                text: binding.text(),
            })?
        };
        self.put_process(pid, out)?;
        put_number(number.0, out);
        Ok(())
    }

    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        let process = self.take_process(bytes)?;
        let id = EntryId(number(bytes)?);
        let cache = &self.node_context().protocol_cache;
        let theirs = self.replication.protocols.get(self.origin, id, cache);
        process.into_decoded(self.node_context(), theirs, protocol)
    }
}

impl EntryEncoding<'_> {
    /// Returns the number of the entry that defines a protocol, which is added on first use.
    fn define(&self, definition: &ProtocolDefinition<'_>) -> Result<EntryId, EncodeError> {
        let key = (definition.name.to_owned(), definition.fingerprint);
        let body = || postcard::to_stdvec(definition).unwrap_or_default().into();
        let defined = self.replication.define(key, body);
        defined.map_err(|error| {
            let refused = refused(error.to_string());
            *self.exceeded.lock() = Some(error);
            refused
        })
    }
}

fn take_node(bytes: &mut &[u8]) -> Result<NodeId, DecodeError> {
    let length = usize::try_from(number(bytes)?).unwrap_or(usize::MAX);
    let (name, rest) = bytes
        .split_at_checked(length)
        .ok_or(DecodeError::Truncated)?;
    *bytes = rest;
    let name = std::str::from_utf8(name).ok();
    let name = name.and_then(|name| name.parse().ok());
    let incarnation = Incarnation(number(bytes)?);
    match name {
        Some(name) => Ok(NodeId { name, incarnation }),
        None => Err(invalid("an invalid node name")),
    }
}
