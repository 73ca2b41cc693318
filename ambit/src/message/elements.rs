//! The elements of lists and arrays: the memory that is allocated for them, and their number.

use std::array;

use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::process_encoding::In;

/// Returns the number of elements for which memory is allocated at first. Their count is only a claim: at most the
/// number of remaining bytes, as each element takes at least one, and at most the number that these bytes would fill,
/// clamped to a few pages; further elements allocate when they are read.
pub(super) fn bounded_capacity<T>(count: usize, bytes: usize) -> usize {
    let claimed = count.min(bytes);
    claimed.min(bytes.clamp(4 << 10, 64 << 10) / size_of::<T>().max(1))
}

/// The maximum size in bytes of arrays that are built on the stack, where they briefly exist twice.
const SMALL: usize = 4096;

/// Reads an array, each element with `take`.
pub(super) fn take_array<'a, T, C: Codec, const N: usize>(
    input: &mut In<'a, C>,
    mut take: impl FnMut(&mut In<'a, C>) -> Result<T, DecodeError>,
) -> Result<[T; N], DecodeError> {
    if size_of::<[Option<T>; N]>() <= SMALL {
        return small(input, take);
    }
    let mut items = Vec::with_capacity(bounded_capacity::<T>(N, input.left()));
    for _ in 0..N {
        items.push(element(input, &mut take)?);
    }
    <[T; N]>::try_from(items).map_err(|_| DecodeError::Truncated)
}

fn small<'a, T, C: Codec, const N: usize>(
    input: &mut In<'a, C>,
    mut take: impl FnMut(&mut In<'a, C>) -> Result<T, DecodeError>,
) -> Result<[T; N], DecodeError> {
    let mut failed = None;
    let items = array::from_fn(|_| match failed {
        None => element(input, &mut take)
            .map_err(|error| failed = Some(error))
            .ok(),
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
fn element<'a, T, C: Codec>(
    input: &mut In<'a, C>,
    take: impl FnOnce(&mut In<'a, C>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let before = input.left();
    let item = take(input)?;
    if input.left() == before {
        input.element()?;
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::bounded_capacity;

    #[test]
    fn preallocation_is_bounded_by_the_available_bytes() {
        // The claimed number, if there are enough bytes.
        assert_eq!(bounded_capacity::<u8>(100, 200), 100);
        assert_eq!(bounded_capacity::<u8>(100, 20), 20);
        assert_eq!(bounded_capacity::<()>(100, 20), 20);
        // Large elements: no more memory than there are bytes, except for some pages.
        assert_eq!(bounded_capacity::<[u8; 1024]>(1 << 20, 1 << 20), 64);
        assert_eq!(bounded_capacity::<[u8; 1024]>(1 << 20, 10 << 10), 10);
        assert_eq!(bounded_capacity::<[u8; 1024]>(1 << 20, 100), 4);
        assert_eq!(bounded_capacity::<[u8; 1 << 20]>(1 << 20, 1 << 20), 0);
    }
}
