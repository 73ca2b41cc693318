//! Narrow handles: for one type of message to one process of another node.

use std::convert::Infallible;
use std::sync::Arc;

use super::subject::far;
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::DecodedProcess;
use crate::message::process_encoding::In;
use crate::message::remote::{Addressed, Remote};
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape};
use crate::message::wire::Wire;

/// Only the name of the message matters, like that of a protocol.
impl<T: Message + Addressed> Schema for Recipient<T> {
    fn shape(types: &mut Types) -> Shape {
        let name = format!("recipient<{}>", T::ADDRESS);
        types.define::<Self>(name, 1, |_| Body::Opaque)
    }
}

/// On another node it is the handle to a plain process whose messages are `T`, and accepts nothing else. A handle that
/// follows a name is encoded as the current holder.
impl<T> Wire for Recipient<T>
where
    T: Message + Remote<Call = Infallible, Cast = T>,
{
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        if let Some(subject) = self.plain() {
            return subject.put(out);
        }
        let holder = self.fixed().ok_or(EncodeError::NoHolder)?;
        out.subject(holder.pid(), Arc::new(holder))
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let exposed = match input.subject(|| T::REMOTE)? {
            DecodedProcess::Here(exposed) => exposed,
            DecodedProcess::There { proxy, theirs } => {
                return Ok(Self::of_plain(&far::<T, C>(proxy, theirs)?));
            }
        };
        let found = exposed.as_any();
        let plain = found.downcast_ref::<Subject<T>>().map(Self::of_plain);
        let found = plain.or_else(|| found.downcast_ref().cloned());
        found.ok_or_else(|| DecodeError::WrongProtocol {
            expected: T::REMOTE,
            found: exposed.remote(),
        })
    }
}
