//! `indexmap`: encoded like other maps and sets, in their order.

use std::hash::BuildHasher;

use ::indexmap::{IndexMap, IndexSet};

use crate::handle::protocol::Message;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::{HashKey, Wire};

impl<K: Send + 'static, V: Send + 'static, S: Send + 'static> Message for IndexMap<K, V, S> {}

impl<K: Schema, V: Schema, S: 'static> Schema for IndexMap<K, V, S> {
    fn shape(types: &mut Types) -> Shape {
        Shape::Map(Box::new(K::shape(types)), Box::new(V::shape(types)))
    }
}

impl<K, V, S> Wire for IndexMap<K, V, S>
where
    K: Wire + HashKey,
    V: Wire,
    S: BuildHasher + Default + Send + 'static,
{
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.length(self.len())?;
        self.iter().try_for_each(|(key, value)| {
            out.element(size_of::<(K, V)>(), |out| {
                key.put(out)?;
                value.put(out)
            })
        })
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let length = input.length()?;
        input.collect(length, |input| Ok((K::take(input)?, V::take(input)?)))
    }
}

impl<T: Send + 'static, S: Send + 'static> Message for IndexSet<T, S> {}

impl<T: Schema, S: 'static> Schema for IndexSet<T, S> {
    fn shape(types: &mut Types) -> Shape {
        Shape::Set(Box::new(T::shape(types)))
    }
}

impl<T, S> Wire for IndexSet<T, S>
where
    T: Wire + HashKey,
    S: BuildHasher + Default + Send + 'static,
{
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.length(self.len())?;
        self.iter()
            .try_for_each(|item| out.element(size_of::<T>(), |out| item.put(out)))
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let length = input.length()?;
        input.collect(length, T::take)
    }
}
