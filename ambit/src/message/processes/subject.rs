//! Handles to processes that are exposed to other nodes.

use std::sync::Arc;

use crate::distribution::{AgreedProtocol, PeerProtocol, ProtocolBinding, RemoteProxy, RemoteSink};
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::process_encoding::{DecodedProcess, DecodedProxy};
use crate::message::remote::{Addressed, Remote};
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape};
use crate::message::wire::Wire;

/// Only the name of the protocol matters: both sides compare a method when it is called.
impl<P: Protocol + Addressed + ?Sized> Schema for Subject<P> {
    fn shape(types: &mut Types) -> Shape {
        let name = format!("subject<{}>", P::ADDRESS);
        types.define::<Self>(name, 1, |_| Body::Opaque)
    }
}

/// A handle that follows a name is encoded as the current holder. The reader's handle has the usual deadline.
impl<P: Remote + ?Sized> Wire for Subject<P> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let port = self.port().ok_or(EncodeError::NoHolder)?;
        let holder = Self::fixed(port);
        out.subject(holder.pid(), Arc::new(holder))
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let exposed = match input.subject(|| P::REMOTE)? {
            DecodedProcess::Here(exposed) => exposed,
            DecodedProcess::There { proxy, theirs } => return far::<P, C>(proxy, theirs),
        };
        let found = exposed.as_any().downcast_ref::<Self>().cloned();
        found.ok_or_else(|| DecodeError::WrongProtocol {
            expected: P::REMOTE,
            found: exposed.remote(),
        })
    }
}

/// Returns a handle to a process of another node.
pub(super) fn far<P: Remote + ?Sized, C: Codec>(
    proxy: Arc<dyn DecodedProxy>,
    theirs: Arc<PeerProtocol>,
) -> Result<Subject<P>, DecodeError> {
    let proxy = RemoteProxy::<C>::decoded(proxy)?;
    let ours = ProtocolBinding::cached::<P>(proxy.system());
    let ours = ours.map_err(|clash| DecodeError::Invalid(clash.to_string()))?;
    let agreed = AgreedProtocol::new(ours, theirs);
    Ok(Subject::fixed(Arc::new(RemoteSink::new(proxy, agreed))))
}
