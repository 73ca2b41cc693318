//! Arrays: a fixed number of values.

use std::array;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::{Wire, bounded_capacity};

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
        T::take_array(input)
    }
}

/// The maximum size in bytes of arrays that are built on the stack, where they briefly exist twice.
const SMALL: usize = 4096;

pub(in crate::message) fn take_array<T: Wire, C: Codec, const N: usize>(
    input: &mut In<'_, C>,
) -> Result<[T; N], DecodeError> {
    if size_of::<[Option<T>; N]>() <= SMALL {
        return small(input);
    }
    let mut items = Vec::with_capacity(bounded_capacity::<T>(N, input.left()));
    for _ in 0..N {
        items.push(element(input)?);
    }
    <[T; N]>::try_from(items).map_err(|_| DecodeError::Truncated)
}

fn small<T: Wire, C: Codec, const N: usize>(input: &mut In<'_, C>) -> Result<[T; N], DecodeError> {
    let mut failed = None;
    let items = array::from_fn(|_| match failed {
        None => element(input).map_err(|error| failed = Some(error)).ok(),
        Some(_) => None,
    });
    match failed {
        Some(error) => Err(error),
        // Each element is present, since none has failed.
        None => Ok(items.map(|item: Option<T>| item.expect("an element without an error"))),
    }
}

/// Reads an element. The length of an array is part of its type, and mostly the bytes limit the elements; those that
/// take no bytes are counted, otherwise a short list of long arrays would keep a processor busy.
fn element<T: Wire, C: Codec>(input: &mut In<'_, C>) -> Result<T, DecodeError> {
    let before = input.left();
    let item = T::take(input)?;
    if input.left() == before {
        input.element()?;
    }
    Ok(item)
}
