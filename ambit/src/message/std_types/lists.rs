//! Lists and sets of values: they all have the same encoding, so that one can replace another.

use std::borrow::Cow;
use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::{HashKey, Wire};

/// The slices of each type, and its conversion from a `Vec`. The bytes in slices are copied at once.
macro_rules! slices {
    ($($type:ty where [$($param:tt)*] |$list:ident| $slices:expr),* $(,)?) => {$(
        impl<T: Schema $($param)*> Schema for $type {
            fn shape(types: &mut Types) -> Shape { Shape::List(Box::new(T::shape(types))) }
        }

        impl<T: Wire $($param)*> Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.length(self.len())?;
                let $list = self;
                $slices.into_iter().try_for_each(|slice| T::put_all(slice, out))
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let length = input.length()?;
                T::take_all(length, input).map(Self::from)
            }
        }
    )*};
}

slices! {
    Vec<T> where [] |list| [list.as_slice()],
    Box<[T]> where [] |list| [&**list],
    Arc<[T]> where [+ Sync] |list| [&**list],
    Cow<'static, [T]> where [+ Clone + Sync] |list| [&**list],
    VecDeque<T> where [] |list| <[&[T]; 2]>::from(list.as_slices()),
    BinaryHeap<T> where [+ Ord] |list| [list.as_slice()],
}

/// Types whose values are not contiguous. `maps` gives the reason why their schemas have fewer bounds.
macro_rules! scattered {
    ($($shape:ident: $type:ty where [$($item:tt)*] [$($param:tt)*]),* $(,)?) => {$(
        impl<T: Schema $($param)*> Schema for $type {
            fn shape(types: &mut Types) -> Shape { Shape::$shape(Box::new(T::shape(types))) }
        }

        impl<T: Wire $($item)* $($param)*> Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.length(self.len())?;
                self.iter().try_for_each(|item| out.element(size_of::<T>(), |out| item.put(out)))
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let length = input.length()?;
                input.collect(length, T::take)
            }
        }
    )*};
}

scattered! {
    List: LinkedList<T> where [] [],
    Set: BTreeSet<T> where [+ Ord] [],
    Set: HashSet<T, S> where [+ HashKey] [, S: BuildHasher + Default + Send + 'static],
}
