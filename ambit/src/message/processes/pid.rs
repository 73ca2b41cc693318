//! The encoding of process identities.

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape};
use crate::message::wire::Wire;
use crate::pid::Pid;

impl Schema for Pid {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("ambit.pid".to_owned(), 1, |_| Body::Opaque)
    }
}

impl Wire for Pid {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.pid(*self)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        input.pid()
    }
}
