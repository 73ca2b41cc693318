//! `uuid`: encoded as its sixteen bytes.

use ::uuid::Uuid;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::wire::Wire;

opaque!(Uuid = "ambit.uuid.Uuid");

impl Wire for Uuid {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(self.as_bytes())
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        u8::take_array(input).map(Self::from_bytes)
    }
}
