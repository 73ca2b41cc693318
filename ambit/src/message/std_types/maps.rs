//! Maps from keys to values. A key that occurs twice has its last value.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::{HashKey, Wire};

// The schema needs no bound of the collection: a key that lacks one would then be an error in each use of the type.
macro_rules! maps {
    ($($type:ty where [$($key:tt)*] [$($param:tt)*]),* $(,)?) => {$(
        impl<K: Schema, V: Schema $($param)*> Schema for $type {
            fn shape(types: &mut Types) -> Shape {
                Shape::Map(Box::new(K::shape(types)), Box::new(V::shape(types)))
            }
        }

        impl<K: Wire $($key)*, V: Wire $($param)*> Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.length(self.len())?;
                self.iter().try_for_each(|(key, value)| out.element(size_of::<(K, V)>(), |out| {
                    key.put(out)?;
                    value.put(out)
                }))
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let length = input.length()?;
                input.collect(length, |input| Ok((K::take(input)?, V::take(input)?)))
            }
        }
    )*};
}

maps! {
    BTreeMap<K, V> where [+ Ord] [],
    HashMap<K, V, S> where [+ HashKey] [, S: BuildHasher + Default + Send + 'static],
}
