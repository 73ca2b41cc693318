//! `bytes`: blobs, alike to `Vec<u8>` on the wire.

use ::bytes::{Bytes, BytesMut};

use crate::handle::protocol::Message;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::Wire;

macro_rules! blobs {
    ($($type:ty, $make:expr);*) => {$(
        impl Message for $type {}

        impl Schema for $type {
            fn shape(types: &mut Types) -> Shape { <Vec<u8>>::shape(types) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { out.blob(self) }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> { input.blob().map($make) }
        }
    )*};
}

blobs!(Bytes, Self::copy_from_slice; BytesMut, Self::from);
