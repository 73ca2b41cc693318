//! Arrays: a fixed number of values.

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::Wire;

impl<T: Schema, const N: usize> Schema for [T; N] {
    fn shape(types: &mut Types) -> Shape {
        Shape::Array(Box::new(T::shape(types)), N as u64)
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        T::put_array(self, out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        T::take_array(input)
    }
}
