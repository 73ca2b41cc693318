//! `bytes`: blobs, with the same encoding as `Vec<u8>`.

use ::bytes::{Bytes, BytesMut};

use crate::handle::protocol::Message;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::Wire;

macro_rules! blobs {
    ($($type:ty, |$input:ident| $take:expr);*) => {$(
        impl Message for $type {}

        impl Schema for $type {
            fn shape(types: &mut Types) -> Shape { <Vec<u8>>::shape(types) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { out.blob(self) }

            fn take<C: Codec>($input: &mut In<'_, C>) -> Result<Self, DecodeError> { $take }
        }
    )*};
}

blobs!(Bytes, |input| input.shared_blob(); BytesMut, |input| input.blob().map(Self::from));

#[cfg(test)]
#[cfg(feature = "json")]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::message::{Budget, Form};

    /// A codec for numbers only, as 64 bits.
    #[derive(Clone, Copy, Debug, Default)]
    struct Plain;

    impl Codec for Plain {
        fn name(&self) -> &'static str {
            "plain"
        }

        fn put<T: Serialize + ?Sized>(
            &self,
            value: &T,
            out: &mut Vec<u8>,
        ) -> Result<(), EncodeError> {
            serde_json::to_writer(&mut *out, value)
                .map_err(|error| EncodeError::Refused(error.to_string()))?;
            out.push(b' ');
            Ok(())
        }

        fn take_any<T: DeserializeOwned>(
            &self,
            bytes: &mut &[u8],
            _: &mut Budget,
        ) -> Result<T, DecodeError> {
            let end = bytes.iter().position(|byte| *byte == b' ');
            let (value, rest) = bytes.split_at(end.ok_or(DecodeError::Truncated)?);
            *bytes = &rest[1..];
            serde_json::from_slice(value).map_err(|error| DecodeError::Invalid(error.to_string()))
        }
    }

    /// Returns true if a blob shares its memory, which has `beside` more bytes.
    fn shares(length: usize, beside: usize) -> bool {
        let mut out = Out::<Plain>::new(Form::Compact);
        vec![7_u8; length].put(&mut out).unwrap();
        let written = out.into_bytes();
        let memory = Bytes::from([&*written, &*vec![0; beside]].concat());
        let mut input = In::<Plain>::new(&memory[..written.len()], Form::Compact).sharing(&memory);
        let read = Bytes::take(&mut input).unwrap();
        assert!(read.len() == length && read.iter().all(|byte| *byte == 7));
        memory.as_ptr_range().contains(&read.as_ptr())
    }

    #[test]
    fn a_long_blob_shares_its_memory_unless_most_of_it_is_something_else() {
        assert!(shares(10_000, 0));
        assert!(shares(10_000, 9_000));
        assert!(!shares(10_000, 11_000));
        assert!(!shares(1_000, 0), "it is short");
    }
}
