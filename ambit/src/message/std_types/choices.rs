//! Enums of std: one of several values.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::ops::Bound;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Field, Shape, Variant};
use crate::message::tag::tag;
use crate::message::wire::{Wire, WireError};

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
        Ok(match second(input)? {
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

impl<T: Wire, E: WireError> Wire for Result<T, E> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.raw(&[u8::from(self.is_err())])?;
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(match second(input)? {
            false => Ok(T::take(input)?),
            true => Err(E::take(input)?),
        })
    }
}

/// Reads which of two variants it is: one byte.
fn second<C: Codec>(input: &mut In<'_, C>) -> Result<bool, DecodeError> {
    match input.raw(1)? {
        [0] => Ok(false),
        [1] => Ok(true),
        other => Err(DecodeError::Invalid(format!(
            "{other:?} is neither 0 nor 1"
        ))),
    }
}

/// Returns a variant of an enum of std, which exists since the first version.
fn variant(name: &str, fields: Vec<Field>) -> Variant {
    Variant {
        name: name.to_owned(),
        since: 1,
        fields,
    }
}

const ORDERINGS: [(&str, Ordering); 3] = [
    ("equal", Ordering::Equal),
    ("greater", Ordering::Greater),
    ("less", Ordering::Less),
];

impl Schema for Ordering {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("std.ordering".to_owned(), 1, |_| {
            Body::Enum(ORDERINGS.map(|(name, _)| variant(name, vec![])).to_vec())
        })
    }
}

impl Wire for Ordering {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let name = match self {
            Self::Less => "less",
            Self::Equal => "equal",
            Self::Greater => "greater",
        };
        out.raw(&tag(name).to_le_bytes())?;
        out.record(0)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let found = input.tag()?;
        let known = ORDERINGS.iter().find(|(name, _)| tag(name) == found);
        let (_, ordering) = known.ok_or(DecodeError::UnknownTag {
            of: "std.ordering",
            tag: found,
        })?;
        input.record()?.end();
        Ok(*ordering)
    }
}

impl<T: Schema> Schema for Bound<T> {
    fn shape(types: &mut Types) -> Shape {
        let value = T::shape(types);
        types.define::<Self>(format!("std.bound<{value}>"), 1, |_| {
            let field = Field {
                name: "0".to_owned(),
                shape: value,
                optional: false,
            };
            Body::Enum(vec![
                variant("excluded", vec![field.clone()]),
                variant("included", vec![field]),
                variant("unbounded", vec![]),
            ])
        })
    }
}

impl<T: Wire> Wire for Bound<T> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let (name, value) = match self {
            Self::Included(value) => ("included", Some(value)),
            Self::Excluded(value) => ("excluded", Some(value)),
            Self::Unbounded => ("unbounded", None),
        };
        out.raw(&tag(name).to_le_bytes())?;
        out.record(u16::from(value.is_some()))?;
        value.map_or(Ok(()), |value| out.field(tag("0"), value))
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        const INCLUDED: u32 = tag("included");
        const EXCLUDED: u32 = tag("excluded");
        const UNBOUNDED: u32 = tag("unbounded");
        let found = input.tag()?;
        let mut record = input.record()?;
        let bound = match found {
            INCLUDED => Self::Included(record.field("0", tag("0"))?),
            EXCLUDED => Self::Excluded(record.field("0", tag("0"))?),
            UNBOUNDED => Self::Unbounded,
            tag => {
                return Err(DecodeError::UnknownTag {
                    of: "std.bound",
                    tag,
                });
            }
        };
        record.end();
        Ok(bound)
    }
}

impl Schema for Infallible {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("std.infallible".to_owned(), 1, |_| Body::Enum(vec![]))
    }
}

impl Wire for Infallible {
    fn put<C: Codec>(&self, _: &mut Out<'_, C>) -> Result<(), EncodeError> {
        match *self {}
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Err(DecodeError::UnknownTag {
            of: "std.infallible",
            tag: input.tag()?,
        })
    }
}
