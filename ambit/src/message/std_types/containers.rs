//! Values that hold others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Schema for $type {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::Text) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.blob(self.as_bytes())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                text(input).map(Self::from)
            }
        }
    )*};
}

texts!(String, Box<str>, Arc<str>);

pub(super) fn text<'a, C: Codec>(input: &mut In<'a, C>) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(input.blob()?).map_err(|error| DecodeError::Invalid(error.to_string()))
}

impl<T: Schema> Schema for Option<T> {
    fn shape(types: &mut Types) -> Shape {
        Shape::Optional(Box::new(T::shape(types)))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(&[u8::from(self.is_some())])?;
        self.iter().try_for_each(|value| value.put(out))
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(match choice(input)? {
            true => Some(T::take(input)?),
            false => None,
        })
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Schema, E: Schema> Schema for Result<T, E> {
    fn shape(types: &mut Types) -> Shape {
        Shape::Fallible(Box::new(T::shape(types)), Box::new(E::shape(types)))
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(&[u8::from(self.is_err())])?;
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(match choice(input)? {
            false => Ok(T::take(input)?),
            true => Err(E::take(input)?),
        })
    }
}

fn choice<C: Codec>(input: &mut In<'_, C>) -> Result<bool, DecodeError> {
    match input.raw(1)? {
        [0] => Ok(false),
        [1] => Ok(true),
        other => Err(DecodeError::Invalid(format!(
            "{other:?} is neither 0 nor 1"
        ))),
    }
}

/// What a pointer points at travels.
macro_rules! pointers {
    ($($type:ident $(+ $bound:ident)?),*) => {$(
        impl<T: Schema> Schema for $type<T> {
            fn shape(types: &mut Types) -> Shape { T::shape(types) }
        }

        impl<T: Wire $(+ $bound)?> Wire for $type<T> {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { T::put(self, out) }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                T::take(input).map(Self::new)
            }

            fn missing() -> Option<Self> { T::missing().map(Self::new) }
        }
    )*};
}

pointers!(Box, Arc + Sync);

impl<T: Schema> Schema for Vec<T> {
    fn shape(types: &mut Types) -> Shape {
        Shape::List(Box::new(T::shape(types)))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.length(self.len())?;
        T::put_all(self, out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let length = input.length()?;
        T::take_all(length, input)
    }
}

macro_rules! lists {
    ($($type:ty where [$($param:tt)*]),* $(,)?) => {$(
        impl<T: Schema $($param)*> Schema for $type {
            fn shape(types: &mut Types) -> Shape { <Vec<T> as Schema>::shape(types) }
        }

        impl<T: Wire $($param)*> Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.length(self.len())?;
                self.iter().try_for_each(|item| item.put(out))
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let length = input.length()?;
                (0..length).map(|_| T::take(input)).collect()
            }
        }
    )*};
}

lists! {
    VecDeque<T> where [],
    Box<[T]> where [],
    BTreeSet<T> where [+ Ord],
    HashSet<T, S> where [+ Eq + Hash, S: BuildHasher + Default + Send + 'static],
}

impl<T: Schema, const N: usize> Schema for [T; N] {
    fn shape(types: &mut Types) -> Shape {
        Shape::Array(Box::new(T::shape(types)), N as u64)
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        T::put_all(self, out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let items = T::take_all(N, input)?;
        Self::try_from(items).map_err(|_| DecodeError::Truncated)
    }
}

macro_rules! maps {
    ($($type:ty where [$($key:tt)*] [$($param:tt)*]),* $(,)?) => {$(
        impl<K: Schema $($key)*, V: Schema $($param)*> Schema for $type {
            fn shape(types: &mut Types) -> Shape {
                Shape::Map(Box::new(K::shape(types)), Box::new(V::shape(types)))
            }
        }

        impl<K: Wire $($key)*, V: Wire $($param)*> Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.length(self.len())?;
                self.iter().try_for_each(|(key, value)| {
                    key.put(out)?;
                    value.put(out)
                })
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let length = input.length()?;
                (0..length).map(|_| Ok((K::take(input)?, V::take(input)?))).collect()
            }
        }
    )*};
}

maps! {
    BTreeMap<K, V> where [+ Ord] [],
    HashMap<K, V, S> where [+ Eq + Hash] [, S: BuildHasher + Default + Send + 'static],
}
