//! Values without parts.

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

macro_rules! leaves {
    ($($type:ty = $leaf:ident),* $(,)?) => {$(
        impl Schema for $type {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::$leaf) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { out.leaf(self) }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> { input.leaf() }
        }
    )*};
}

leaves! {
    bool = Bool, char = Char, f32 = F32, f64 = F64,
    u16 = U16, u32 = U32, u64 = U64, u128 = U128,
    i8 = I8, i16 = I16, i32 = I32, i64 = I64, i128 = I128,
}

impl Schema for () {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::Unit)
    }
}

impl Wire for () {
    fn put<C: Codec>(&self, _: &mut Out<'_, C>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn take<C: Codec>(_: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl Schema for u8 {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::U8)
    }
}

/// Several bytes are copied at once: the cost of a blob is that of a copy.
impl Wire for u8 {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(&[*self])
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        input.raw(1).map(|bytes| bytes[0])
    }

    fn put_all<C: Codec>(items: &[Self], out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(items)
    }

    fn put_array<C: Codec>(items: &[Self], out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(items)
    }

    fn take_all<C: Codec>(count: usize, input: &mut In<'_, C>) -> Result<Vec<Self>, DecodeError> {
        input.raw(count).map(<[Self]>::to_vec)
    }

    fn take_array<C: Codec, const N: usize>(
        input: &mut In<'_, C>,
    ) -> Result<[Self; N], DecodeError> {
        <[Self; N]>::try_from(input.raw(N)?).map_err(|_| DecodeError::Truncated)
    }
}

/// Encoded as 64 bits: the word sizes of the two nodes may differ.
macro_rules! words {
    ($($type:ty as $wire:ty = $leaf:ident),*) => {$(
        impl Schema for $type {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::$leaf) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.leaf(&(*self as $wire))
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let wide: $wire = input.leaf()?;
                Self::try_from(wide).map_err(|_| {
                    DecodeError::Invalid(format!("{wide} does not fit into a `{}` here", stringify!($type)))
                })
            }
        }
    )*};
}

words!(usize as u64 = U64, isize as i64 = I64);
