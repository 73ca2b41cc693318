//! Wrappers that are encoded as their inner value.

use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

/// Values with an allocation of their own: its size is counted.
macro_rules! allocated {
    ($($type:ident $(+ $bound:ident)?),* $(,)?) => {$(
        impl<T: Schema> Schema for $type<T> {
            fn shape(types: &mut Types) -> Shape { T::shape(types) }
        }

        impl<T: Wire $(+ $bound)?> Wire for $type<T> {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                T::put(self, out)?;
                out.allocated(size_of::<T>())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let inner = T::take(input)?;
                input.allocated(size_of::<T>())?;
                Ok(Self::new(inner))
            }

            fn missing() -> Option<Self> { T::missing().map(Self::new) }
        }
    )*};
}

allocated! { Box, Arc + Sync }

/// The inner value of each, and its construction: on the wire it is the inner value.
macro_rules! transparent {
    ($($type:ident |$outer:ident| $inner:expr, $make:expr);* $(;)?) => {$(
        impl<T: Schema> Schema for $type<T> {
            fn shape(types: &mut Types) -> Shape { T::shape(types) }
        }

        impl<T: Wire> Wire for $type<T> {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                let $outer = self;
                T::put($inner, out)
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> { T::take(input).map($make) }

            fn missing() -> Option<Self> { T::missing().map($make) }
        }
    )*};
}

transparent! {
    Wrapping |outer| &outer.0, Self;
    Saturating |outer| &outer.0, Self;
    Reverse |outer| &outer.0, Self;
}

impl<T: ?Sized + 'static> Schema for PhantomData<T> {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::Unit)
    }
}

// A derived message knows only that its `PhantomData` is `Send`.
impl<T: ?Sized + 'static> Wire for PhantomData<T>
where
    Self: Send,
{
    fn put<C: Codec>(&self, _: &mut Out<'_, C>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn take<C: Codec>(_: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
