//! Numbers that are not zero.

use std::num::NonZero;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

macro_rules! nonzero {
    ($($number:ident = $leaf:ident),* $(,)?) => {$(
        impl Schema for NonZero<$number> {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::$leaf) }
        }

        impl Wire for NonZero<$number> {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { self.get().put(out) }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let zero = || DecodeError::Invalid("a number that must not be 0 is 0".to_owned());
                Self::new(Wire::take(input)?).ok_or_else(zero)
            }
        }
    )*};
}

nonzero! {
    u8 = NonZeroU8, u16 = NonZeroU16, u32 = NonZeroU32, u64 = NonZeroU64, u128 = NonZeroU128, usize = NonZeroU64,
    i8 = NonZeroI8, i16 = NonZeroI16, i32 = NonZeroI32, i64 = NonZeroI64, i128 = NonZeroI128, isize = NonZeroI64,
}
