//! The encoding of processes inside of values.
//!
//! A pid is encoded as the number of its node, its slot and its generation. The node is 0 for the writer, 1 for the
//! reader, and 2 and above for a third node, which has been defined in the same session. A subject is a pid and the
//! number of its protocol, which is defined in the same way.

use std::sync::Arc;

use ambit::message::{DecodeError, DecodedProcess, EncodeError, Exposed, ProcessEncoding};
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::process_bytes::{
    ResolvedProcess, invalid, number, put_address, refused, take_address, unknown,
};
use crate::session::Session;
use crate::session::definition_table::Protocol;
use crate::wire::ProcessAddress as Address;
use crate::wire::varint::put as put_number;

/// The nodes that need no definition.
const WRITER: u64 = 0;
const READER: u64 = 1;
/// The first number of a third node.
const FIRST: u64 = 2;
/// The encoding of the absent process.
const NOBODY: u64 = u64::MAX;

impl Session {
    fn put_address(node: u64, address: Address, out: &mut Vec<u8>) {
        put_number(node, out);
        put_address(address, out);
    }

    fn put_process(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let node_context = self.node_context();
        if pid == Pid::NOBODY {
            put_number(NOBODY, out);
        } else if let Some((slot, generation)) = node_context.local.parts(pid) {
            node_context.exports.name(pid);
            Self::put_address(WRITER, Address { slot, generation }, out);
        } else if let Some(address) = self.peer_incarnation().address(pid) {
            Self::put_address(READER, address.ok_or_else(unknown)?, out);
        } else {
            let peer_incarnation = node_context.incarnation_of(pid).ok_or_else(unknown)?;
            let address = peer_incarnation
                .address(pid)
                .flatten()
                .ok_or_else(unknown)?;
            let node = self.sent_definitions().node(&peer_incarnation.id);
            let node = node.map_err(|error| refused(error.to_string()))?;
            Self::put_address(FIRST - 1 + u64::from(node), address, out);
        }
        Ok(())
    }

    /// Decodes a process, and resolves the node that its number refers to.
    fn take_process(&self, bytes: &mut &[u8]) -> Result<ResolvedProcess, DecodeError> {
        let node = number(bytes)?;
        if node == NOBODY {
            return Ok(ResolvedProcess::None);
        }
        let address = take_address(bytes)?;
        let Address { slot, generation } = address;
        Ok(match node {
            WRITER => ResolvedProcess::Remote(self.peer_incarnation().clone(), address),
            READER => {
                ResolvedProcess::Local(self.node_context().local.pid(slot, generation), address)
            }
            other => {
                let id = self.defined().node(other - FIRST + 1);
                let id = id.ok_or_else(|| invalid("a node that was not defined"))?;
                if id == *self.node_context().id() {
                    ResolvedProcess::Local(self.node_context().local.pid(slot, generation), address)
                } else {
                    ResolvedProcess::Remote(self.node_context().peer_incarnation(&id), address)
                }
            }
        })
    }
}

impl ProcessEncoding<AnyCodec> for Session {
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.put_process(pid, out)
    }

    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        Ok(self.take_process(bytes)?.pid())
    }

    fn take_linkable(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        match self.take_process(bytes)? {
            ResolvedProcess::Remote(peer, address) if peer.id == self.peer_incarnation().id => {
                Ok(ResolvedProcess::Remote(peer, address).pid())
            }
            _ => Err(invalid("a link of a process of another node")),
        }
    }

    fn put_linkable(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let local = &self.node_context().local;
        let Some((slot, generation)) = local.parts(pid) else {
            return self.put_process(pid, out);
        };
        let address = Address { slot, generation };
        self.linkable.add(local, pid, address);
        Self::put_address(WRITER, address, out);
        Ok(())
    }

    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<AnyCodec>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let protocol = match exposed.theirs() {
            Some(theirs) => Protocol::Theirs(theirs),
            None => {
                let binding = exposed
                    .binding()
                    .map_err(|clash| refused(clash.to_string()))?;
                let sink = ExportedSink {
                    exposed,
                    binding: binding.clone(),
                };
                self.node_context().exports.open(pid, sink);
                Protocol::Ours(binding)
            }
        };
        self.put_process(pid, out)?;
        let number = self.sent_definitions().protocol(&protocol);
        let number = number.map_err(|error| refused(error.to_string()))?;
        put_number(u64::from(number), out);
        Ok(())
    }

    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        let process = self.take_process(bytes)?;
        let theirs = self.defined().protocol(number(bytes)?);
        process.into_decoded(self.node_context(), theirs, protocol)
    }
}
