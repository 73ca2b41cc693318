//! What the encodings of processes have in common: those of a session and those of replicated entries.

use std::sync::Arc;

use ambit::distribution::{Peer, PeerProtocol, RemoteProxy, Session};
use ambit::message::{DecodeError, DecodedProcess, EncodeError};
use ambit::process::{ExitReason, Pid};

use crate::codecs::any::AnyCodec;
use crate::remote_processes::node_context::NodeContext;
use crate::remote_processes::peer_incarnation::PeerIncarnation;
use crate::wire::ProcessAddress;
use crate::wire::varint::{put as put_number, take as take_number};

/// A decoded process, as this node knows it.
pub(crate) enum ResolvedProcess {
    None,
    Local(Pid, ProcessAddress),
    Remote(Arc<PeerIncarnation>, ProcessAddress),
}

impl ResolvedProcess {
    /// Returns the local pid of the process.
    pub(crate) fn pid(&self) -> Pid {
        match self {
            Self::None => Pid::NOBODY,
            Self::Local(pid, _) => *pid,
            Self::Remote(peer, address) => peer.pid(Some(*address)),
        }
    }

    /// Returns the process as the holder of a handle of `protocol`. Messages to a process that has ended fail with
    /// `NoProcess`.
    ///
    /// # Errors
    /// Fails if there is no process, or it has another protocol, or it runs and other nodes cannot address it.
    pub(crate) fn into_decoded(
        self,
        node_context: &NodeContext,
        theirs: Option<Arc<PeerProtocol>>,
        protocol: fn() -> &'static str,
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        let theirs = theirs.ok_or_else(|| invalid("a protocol that was not defined"))?;
        if theirs.name() != protocol() {
            return Err(invalid("a handle to a process of another protocol"));
        }
        match self {
            Self::None => Err(invalid("a handle without a process")),
            Self::Local(pid, address) => {
                if let Some(sink) = node_context.exports.sink(address, &theirs) {
                    return Ok(DecodedProcess::Here(sink.exposed));
                }
                // A node that invents addresses gets no handle to a process that runs.
                if node_context.local.is_running(pid) {
                    return Err(invalid("a handle to a process that was not given away"));
                }
                let proxy = RemoteProxy::new(
                    &node_context.system,
                    Arc::new(EndedPeer),
                    pid,
                    protocol,
                    Arc::default(),
                );
                proxy.ended(&ExitReason::NoProcess);
                Ok(DecodedProcess::There { proxy, theirs })
            }
            Self::Remote(peer, address) => Ok(DecodedProcess::There {
                proxy: peer.proxy(address, protocol),
                theirs,
            }),
        }
    }
}

/// The peer of processes of this node that have ended.
struct EndedPeer;

impl Peer<AnyCodec> for EndedPeer {
    fn session(&self) -> Option<Arc<dyn Session<AnyCodec>>> {
        None
    }

    fn forget(&self, _: Pid) {}
}

/// Encodes slot and generation.
pub(crate) fn put_address(address: ProcessAddress, out: &mut Vec<u8>) {
    put_number(u64::from(address.slot), out);
    put_number(u64::from(address.generation), out);
}

/// Decodes slot and generation.
pub(crate) fn take_address(bytes: &mut &[u8]) -> Result<ProcessAddress, DecodeError> {
    Ok(ProcessAddress {
        slot: small(bytes)?,
        generation: small(bytes)?,
    })
}

pub(crate) fn number(bytes: &mut &[u8]) -> Result<u64, DecodeError> {
    take_number(bytes).map_err(|_| DecodeError::Truncated)
}

fn small(bytes: &mut &[u8]) -> Result<u32, DecodeError> {
    u32::try_from(number(bytes)?).map_err(|_| invalid("a number that is too large"))
}

pub(crate) fn invalid(what: &str) -> DecodeError {
    DecodeError::Invalid(what.to_owned())
}

pub(crate) fn refused(why: String) -> EncodeError {
    EncodeError::Refused(why)
}

/// The error for a process whose node has no session and no known incarnation here.
pub(crate) fn unknown() -> EncodeError {
    refused("the process is on a node that this node does not know; connect the two nodes, and run local processes in this node's system".to_owned())
}
