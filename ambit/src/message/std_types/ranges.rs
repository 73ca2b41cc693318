//! Ranges. Each type has its own name: with and without its end it is not the same range.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Field, Shape};
use crate::message::tag::tag;
use crate::message::wire::Wire;

/// Rejects a range that has been iterated to its end: it still has its bounds, and the reader's range would start
/// again.
fn whole<T>(range: &RangeInclusive<T>) -> Result<&RangeInclusive<T>, EncodeError> {
    match range.end_bound() {
        Bound::Excluded(_) => Err(EncodeError::Exhausted),
        Bound::Included(_) | Bound::Unbounded => Ok(range),
    }
}

/// The bounds of each type by name, and its construction from them.
macro_rules! ranges {
    ($($type:ident = $name:literal |$range:ident| { $($end:ident: $value:expr),* } => $make:expr);* $(;)?) => {$(
        impl<T: Schema + Wire> Schema for $type<T> {
            fn shape(types: &mut Types) -> Shape {
                let shape = T::shape(types);
                types.define::<Self>(format!("{}<{shape}>", $name), 1, |_| {
                    let optional = T::missing().is_some();
                    let fields = [$(stringify!($end)),*].map(|end| Field {
                        name: end.to_owned(),
                        shape: shape.clone(),
                        optional,
                    });
                    Body::Struct(fields.to_vec())
                })
            }
        }

        impl<T: Wire> Wire for $type<T> {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                let $range = self;
                out.record([$(stringify!($end)),*].len() as u16)?;
                $(out.field(tag(stringify!($end)), $value)?;)*
                Ok(())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                let mut record = input.record()?;
                $(let $end: T = record.field(stringify!($end), tag(stringify!($end)))?;)*
                record.end();
                Ok($make)
            }
        }
    )*};
}

ranges! {
    Range = "std.range" |range| { start: &range.start, end: &range.end } => Self { start, end };
    RangeInclusive = "std.range_inclusive" |range| { start: whole(range)?.start(), end: range.end() } => Self::new(start, end);
    RangeFrom = "std.range_from" |range| { start: &range.start } => Self { start };
    RangeTo = "std.range_to" |range| { end: &range.end } => Self { end };
    RangeToInclusive = "std.range_to_inclusive" |range| { end: &range.end } => Self { end };
}
